// The goals, from easy to hard, and the progress, which the browser stores.

const MESSAGE = "Message from first process.";
/** The number of orders of the robust pair to try before the learner may give up. */
const TRIES = 3;

/** @typedef {{id: string, setup: string, title: string, task: string, hint: string, word: string,
 *   reached: (taken: Taken[], tries: number) => boolean}} Goal */

/** Return the index of the step of that name among those taken, or -1.
 * @param {Taken[]} taken @param {string} who @param {string} step @returns {number} */
function placeOf(taken, who, step) {
  return taken.findIndex(({actor, seen}) => actor[0] === who && seen.step === step);
}

/** Whether the last step was the reader's open, which failed with 2.
 * @param {Taken[]} taken @returns {boolean} */
function openFailed(taken) {
  const {actor, seen} = taken[taken.length - 1];
  return actor[0] === "r" && seen.step === "open" && seen.error === 2;
}

/** Return the text of the message box that the last step opened, if any.
 * @param {Taken[]} taken @returns {string | undefined} */
function boxText(taken) {
  return taken[taken.length - 1].seen.box;
}

/** @type {Goal[]} */
const GOALS = [
  {id: "early", setup: "pair", title: "Too early",
    task: "Make the reader fail with error 2 because it comes before the writer. Each button runs the "
      + "marked lines of one program, while the other one stands still.",
    hint: "Let the reader take its first step before the writer has taken any.",
    word: "Error 2 is ERROR_FILE_NOT_FOUND: no object has that name yet. The reader does not wait "
      + "for one. All that it can still do is exit with 1.",
    reached: (taken) => openFailed(taken) && placeOf(taken, "w", "create") < 0},
  {id: "late", setup: "pair", title: "Too late",
    task: "Make the reader fail with error 2 again, but after the writer. Watch the arrows: a handle "
      + "leads to the object, a view to its bytes.",
    hint: "The name disappears with the last handle. Let the writer close its handle first.",
    word: "The writer had the only handle. When it closed that handle, the object and its name "
      + "were gone, and the message with them.",
    reached: (taken) => openFailed(taken) && placeOf(taken, "w", "close") >= 0},
  {id: "empty", setup: "pair", title: "Empty message box",
    task: "Make the reader succeed, and show nothing.",
    hint: "Find the moment at which the name exists while the bytes are still zero.",
    word: "CreateFileMapping publishes the name at once; the message comes two steps later. "
      + "Neither program has failed, and the message is never seen.",
    reached: (taken) => boxText(taken) === ""},
  {id: "outlive", setup: "pair", title: "Outlive the writer",
    task: "Make the reader show the message after the writer has exited.",
    hint: "The object exists as long as any process has a handle. It need not be the writer's.",
    word: "The reader's own handle kept the object and its bytes alive. Its name, too: a third "
      + "program could open it now.",
    reached: (taken) => boxText(taken) === MESSAGE && placeOf(taken, "w", "exit") >= 0},
  {id: "last", setup: "pair", title: "The last handle",
    task: "Let the reader's CloseHandle remove the name.",
    hint: "The number of handles must be 1 when the reader closes its own.",
    word: "It does not matter who created the object. Its name goes when the last handle is closed.",
    reached: (taken) => {
      const {actor, seen} = taken[taken.length - 1];
      return actor[0] === "r" && seen.step === "close" && !seen.handles;
    }},
  {id: "mixed", setup: "mixed", title: "One letter",
    task: "The writer is a Unicode program now, the reader an ANSI program. Make the reader show a "
      + "single letter of the message.",
    hint: "Any order works if the message is in the object when the message box opens.",
    word: "In UTF-16 the letter M is the two bytes 4d 00. The ANSI reader takes the 00 for the "
      + "end of the text. Both programs did what their source says.",
    reached: (taken) => boxText(taken) === MESSAGE[0]},
  {id: "leftover", setup: "writers", title: "Leftover text",
    task: "Two writers: w1 is an ANSI program (27 bytes), w2 a Unicode program (54 bytes). Make "
      + "the Unicode reader show the end of one message after the other message.",
    hint: "Let w2 copy its message first and w1 copy its own over it, into the same object. "
      + "Then let the reader show it.",
    word: "w1's CreateFileMapping succeeded with last error 183, ERROR_ALREADY_EXISTS, which "
      + "nobody checks. Its 27 bytes cover half of the 54; the reader shows the rest, too.",
    reached: (taken) => {
      const text = boxText(taken) || "";
      return text !== MESSAGE && text.length > 1 && text.endsWith(MESSAGE.slice(-8));
    }},
  {id: "torn", setup: "unprotected", title: "Half of a change",
    task: "Another pair: its writer changes a record in two halves, one after the other. Make the reader print "
      + "one new half and one old one.",
    hint: "Let the reader read after the writer's first key and before its second one.",
    word: "No call failed, and no error was reported: the reader has copied each half whole, and the record was "
      + "never like that.",
    reached: (taken) => (taken[taken.length - 1].seen.end || [0, ""])[1].includes("half of a change")},
  {id: "waits", setup: "sequence", title: "A reader that waits",
    task: "The writer now counts before and after each change, so the counter is odd in between. Make the reader "
      + "find it odd, and then let it have the whole record.",
    hint: "Let the reader read in the middle of the change. It copies again until the counter is even and "
      + "the same before and after.",
    word: "The reader has no lock and cannot stop the writer; it only sees that its copy is useless, and "
      + "tries again until its time is over.",
    reached: (taken) => {
      const {actor, seen} = taken[taken.length - 1];
      const reads = taken.filter((step) => step.actor === "r");
      return actor === "w" && seen.step === "whole" && reads.length > 0 && Boolean(reads[reads.length - 1].seen.waits);
    }},
  {id: "robust", setup: "robust", title: "Break the robust pair",
    task: "Make the robust reader show an empty, torn or wrong text. It waits for an event, and you "
      + `can let its time limit pass. Try at least ${TRIES} of all {orders} orders, to their end.`,
    hint: "Try to be early, late, or just between two steps of the writer. Then read what the reader says.",
    word: "You cannot. All {orders} orders were run: the reader showed the whole message, or printed "
      + "on one line why it could not. There is no third outcome.",
    reached: (taken, tries) => tries >= TRIES}];

/** The localStorage keys of the ids of reached goals, and of complete orders of the robust pair that
 * were tried. */
const PROGRESS = {reached: "named-shared-memory.goals", tried: "named-shared-memory.tried"};

/** Load stored values; none if the browser forbids storage.
 * @param {string} key @returns {Set<string>} */
function load(key) {
  try {
    return new Set(JSON.parse(localStorage.getItem(key) || "[]"));
  } catch (_) {
    return new Set();
  }
}

/** @param {string} key @param {Set<string>} values */
function save(key, values) {
  try {
    localStorage.setItem(key, JSON.stringify([...values]));
  } catch (_) {
    // Progress then lasts only while the page is open.
  }
}

/** Parse an address (`#empty/wrrr`) into goal (or null) and order. `cut` says that the address is
 * invalid, or that the programs cannot take all of its steps.
 * @param {string} address @returns {{goal: ?Goal, order: string[], cut: boolean}} */
function parseAddress(address) {
  const [id, word = ""] = address.replace(/^#/, "").split("/");
  const goal = GOALS.find((one) => one.id === id) || null;
  const order = goal ? walk(RECORDED.setups[goal.setup], word.match(/[wrt]\d?/g) || []).taken
    .map(({actor}) => actor) : [];
  return {goal, order, cut: goal ? order.join("") !== word : id !== ""};
}

/** Return an order that demonstrates the goal: the shortest that reaches it, or, if none does, the
 * shortest that shows a message.
 * @param {Goal} goal @returns {string[]} */
function lesson(goal) {
  const setup = RECORDED.setups[goal.setup];
  return shortest(setup, (taken) => goal.reached(taken, 0)) || shortest(setup, (taken) => Boolean(boxText(taken))) || [];
}

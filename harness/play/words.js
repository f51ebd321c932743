// Describes results in words.

/** @type {Record<number, string>} */
const ERRORS = {0: "ERROR_SUCCESS", 2: "ERROR_FILE_NOT_FOUND", 183: "ERROR_ALREADY_EXISTS"};
/** What a program does in a step: if it succeeds, if it fails, and if it has to wait.
 * @type {Record<string, Record<string, string[]>>} */
const DOES = {
  first_process: {create: ["creates the object by its name"], map: ["maps a view of it"],
    copy: ["copies its message into the view and waits for a key"],
    unmap: ["gets its key and unmaps its view"], close: ["closes its handle"], exit: ["exits"]},
  second_process: {open: ["opens the object by its name", "asks for the object, and there is none of that name"],
    map: ["maps a view of it"], show: ["shows a message box"],
    unmap: ["gets OK and unmaps its view"], close: ["closes its handle"], exit: ["exits"]},
  robust_writer: {event: ["creates its two events"], create: ["creates the object by its name"],
    reset: ["maps a view and resets the event"], publish: ["writes the message, and the magic number last"],
    set: ["sets the event"], unset: ["reaches its limit and resets the event"],
    close: ["unmaps its view and closes its handle"], exit: ["exits"]},
  robust_reader: {event: ["creates the event, or opens it"], wait: ["waits for the event"],
    open: ["sees the event and opens the object", "sees the event, but there is no object of that name"],
    copy: ["maps a view and copies what is there"], close: ["unmaps its view and closes its handle"],
    show: ["checks its copy and shows a message box"], exit: ["exits"]},
  changing_writer: {create: ["creates the record by its name"], map: ["maps a view and waits for a key"],
    half: ["gets a key, changes the first half and waits for another key"],
    whole: ["gets a key, changes the second half and waits for the next change"],
    close: ["gets Escape, unmaps its view and closes its handle"], exit: ["exits"]},
  changing_reader: {open: ["opens the record by its name", "asks for the record, and there is none of that name"],
    read: ["maps a view and copies both halves", "", "maps a view, finds the counter odd and tries again"],
    close: ["unmaps its view and closes its handle"], exit: ["exits"]},
  time: {lapse: ["", "runs out: the reader's wait ends"]}};
/** What a program waits for if it cannot take its next step.
 * @type {Record<string, string>} */
const WAITS = {robust_reader: "Waits for the event.", changing_reader: "Waits for an even counter."};

/** @param {Setup} setup @param {string} actor */
function nameOf(setup, actor) {
  const role = {w: "writer", r: "reader", t: "time"}[actor[0]] || actor;
  return Object.keys(setup.actors).filter((other) => other[0] === actor[0]).length > 1
    ? `${role} ${actor}` : role;
}

/** Return the label of a step's button: its name, the key to press, and the calls that it makes and
 * that return or block.
 * @param {Seen} seen @returns {string} */
function label({step, presses, calls = []}) {
  if (step === "lapse") return "let the time limit pass";
  const made = calls.filter((call) => /^(MessageBox|Wait)| -> /.test(call) && !call.includes("(…)"));
  const parts = [...presses ? [`press ${presses === "key" ? "a key" : presses}`] : [],
    ...made.map((call) => call.replace(/[AW]?\(.*/, ""))];
  return parts.length ? `${step}: ${parts.join(", ")}` : step;
}

/** Return a last error with its name.
 * @param {number} error @returns {string} */
function errorWords(error) {
  return ERRORS[error] ? `${error} (${ERRORS[error]})` : String(error);
}

/** Describe what a step did, in one or two sentences.
 * @param {Setup} setup @param {Taken} step @returns {string} */
function happened(setup, {actor, seen}) {
  const does = DOES[setup.actors[actor].program][seen.step];
  const name = nameOf(setup, actor);
  return [`${name[0].toUpperCase()}${name.slice(1)} ${does[seen.waits ? 2 : seen.failed ? 1 : 0] || does[0]}.`,
    ...results(seen)].join(" ");
}

/** Describe the results of a step in sentences.
 * @param {Seen} seen @returns {string[]} */
function results(seen) {
  const lines = [];
  if (seen.error) lines.push(`Last error: ${errorWords(seen.error)}.`);
  if (seen.box !== undefined) lines.push(seen.box ? `Its text: "${seen.box}".` : "It is empty.");
  if (seen.end) lines.push(`Exit code ${seen.end[0]}.`);
  if (seen.end && seen.end[1]) lines.push(`Output: ${seen.end[1].trim()}`);
  return lines;
}

/** Describe the object after these steps.
 * @param {Setup} setup @param {Taken[]} taken @returns {string} */
function objectWords(setup, taken) {
  const {seen} = taken[taken.length - 1] || {seen: NOTHING};
  if (!seen.handles) return "No object has this name.";
  const held = (/** @type {"handle" | "view"} */ what) => {
    const names = Object.keys(setup.actors).filter((actor) => holdings(taken, actor)[what])
      .map((actor) => nameOf(setup, actor));
    return names.length ? `A ${what}: ${names.join(", ")}.` : `No ${what}s.`;
  };
  return `${held("handle")} ${held("view")} `
    + (seen.bytes ? `Begins with "${bytesOf(seen.bytes).slice(0, 16).map(character).join("")}".`
      : "All bytes are zero.");
}

/** @param {string} hex @returns {number[]} */
function bytesOf(hex) {
  return (hex.match(/../g) || []).map((pair) => parseInt(pair, 16));
}

/** Return a byte as a character, or a dot.
 * @param {number} byte @returns {string} */
function character(byte) {
  return byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".";
}

/** Describe what a learner can predict of a step: its result and the state of the object.
 * @param {Seen} seen @returns {string} */
function outcome(seen) {
  if (seen.box !== undefined) return `The message box shows ${seen.box ? `"${seen.box}"` : "nothing"}.`;
  const call = seen.failed ? "It fails" : "It succeeds";
  const error = seen.error === undefined ? "" : `, last error ${errorWords(seen.error)}`;
  const end = seen.end ? `It exits with ${seen.end[0]}` : call + error;
  const left = seen.handles ? `${seen.handles} handles, ${seen.views || 0} views`
    .replace(/\b1 (handle|view)s/g, "1 $1") : "the name is free";
  return `${end}; then ${left}.`;
}

/** Return all outcomes of this step of this kind of program in the recording, sorted.
 * @param {Setup} setup @param {string} actor @param {string} step @returns {string[]} */
function outcomes(setup, actor, step) {
  const found = new Set();
  for (const row of setup.rows)
    for (const [who, [, event]] of Object.entries(row))
      if (who[0] === actor[0] && setup.events[event].step === step)
        found.add(outcome(setup.events[event]));
  return [...found].sort();
}

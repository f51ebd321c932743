// What was seen, in words.

/** @type {Record<string, string>} */
const CHARSETS = {ansi: "ANSI", unicode: "Unicode"};
/** @type {Record<number, string>} */
const ERRORS = {0: "ERROR_SUCCESS", 2: "ERROR_FILE_NOT_FOUND", 183: "ERROR_ALREADY_EXISTS"};
/** What a step does that is no call, by program.
 * @type {Record<string, Record<string, string>>} */
const SILENT = {
  first_process: {copy: "Copies the message into the view. The compiler inlines CopyMemory, so there is no call."},
  robust_writer: {publish: "Writes the message, and the magic number last. Writing to memory is no call."},
  robust_reader: {copy: "Copies the shared memory into its own."},
  time: {lapse: "The reader's time limit passes."}};
/** What a button lets a program do; the calls of a step are in the recording.
 * @type {Record<string, Record<string, string>>} */
const BUTTONS = {
  first_process: {create: "CreateFileMapping", map: "MapViewOfFile", copy: "CopyMemory, until _getch",
    unmap: "press a key: UnmapViewOfFile", close: "CloseHandle", exit: "exit"},
  second_process: {open: "OpenFileMapping", map: "MapViewOfFile", show: "MessageBox",
    unmap: "press OK: UnmapViewOfFile", close: "CloseHandle", exit: "exit"},
  robust_writer: {event: "CreateEventEx", create: "CreateFileMapping", reset: "MapViewOfFile, ResetEvent",
    publish: "write the message", set: "SetEvent", unset: "stop: ResetEvent",
    close: "UnmapViewOfFile, CloseHandle", exit: "exit"},
  robust_reader: {event: "CreateEventEx", wait: "WaitForSingleObject", open: "OpenFileMapping",
    copy: "MapViewOfFile, copy", close: "UnmapViewOfFile, CloseHandle", show: "check, MessageBox",
    exit: "exit"},
  time: {lapse: "let the time limit pass"}};

/** @param {Cast} cast
 * @param {string} actor @returns {string} */
function nameOf(cast, actor) {
  const role = {w: "writer", r: "reader", t: "time"}[actor[0]] || actor;
  return Object.keys(cast.actors).filter((other) => other[0] === actor[0]).length > 1
    ? `${role} ${actor}` : role;
}

/** @param {string} text @returns {string} */
function quoted(text) {
  return text ? `"${text}"` : "nothing: the message box is empty";
}

/** A last error with its name.
 * @param {number} error @returns {string} */
function errorWords(error) {
  return ERRORS[error] ? `${error} (${ERRORS[error]})` : String(error);
}

/** What a step did without a call, or nothing.
 * @param {Cast} cast @param {Taken} step @returns {string} */
function silent(cast, {actor, seen}) {
  return (SILENT[cast.actors[actor].program] || {})[seen.step] || "";
}

/** What came of the calls of a step: sentences.
 * @param {Seen} seen @returns {string[]} */
function results(seen) {
  const told = [];
  if (seen.error) told.push(`Last error: ${errorWords(seen.error)}.`);
  if (seen.box !== undefined) told.push(`Shows ${quoted(seen.box)}.`);
  if (seen.end) {
    told.push(`Exits with ${seen.end[0]}.`);
    if (seen.end[1]) told.push(`Prints: ${seen.end[1].trim()}`);
  }
  return told;
}

/** The object after a step, in one sentence.
 * @param {Seen} seen @returns {string} */
function objectWords(seen) {
  if (!seen.handles) return "The name is free.";
  const some = (/** @type {number} */ n, /** @type {string} */ what) =>
    `${n || "no"} ${what}${n === 1 ? "" : "s"}`;
  return `The object has ${some(seen.handles, "handle")} and ${some(seen.views || 0, "view")}; `
    + (seen.bytes ? `it begins with "${printable(seen.bytes)}".` : "its bytes are all zero.");
}

/** The readable characters of the first bytes.
 * @param {string} hex @returns {string} */
function printable(hex) {
  return bytesOf(hex).slice(0, 16).map(character).join("");
}

/** @param {string} hex @returns {number[]} */
function bytesOf(hex) {
  return (hex.match(/../g) || []).map((pair) => parseInt(pair, 16));
}

/** A byte as a character, or a dot.
 * @param {number} byte @returns {string} */
function character(byte) {
  return byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".";
}

/** What a learner can predict of a step: its result and what is left of the object.
 * @param {Seen} seen @returns {string} */
function outcome(seen) {
  if (seen.box !== undefined) return `The message box shows ${quoted(seen.box)}.`;
  const call = seen.failed ? "It fails" : "It succeeds";
  const error = seen.error === undefined ? "" : `, last error ${errorWords(seen.error)}`;
  const end = seen.end ? `It exits with ${seen.end[0]}` : call + error;
  const left = seen.handles ? `${seen.handles} handles, ${seen.views || 0} views`
    .replace(/\b1 (handle|view)s/g, "1 $1") : "the name is free";
  return `${end}; then ${left}.`;
}

/** Every outcome that this step of such a program has anywhere in the recording, sorted.
 * @param {Cast} cast @param {string} actor @param {string} step @returns {string[]} */
function outcomes(cast, actor, step) {
  const found = new Set();
  for (const row of cast.rows)
    for (const [who, [, event]] of Object.entries(row))
      if (who[0] === actor[0] && cast.events[event].step === step)
        found.add(outcome(cast.events[event]));
  return [...found].sort();
}

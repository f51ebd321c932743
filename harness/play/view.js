// Draws a state of the game, all of it from the table.

/** @type {Seen} */
const NOTHING = {step: ""};

/** The state to draw: the steps taken; `marked` is the state in which to draw the programs, one step
 * older while the learner predicts.
 * @typedef {{setup: Setup, taken: Taken[], marked: Walk, asking: boolean}} Scene */

/** @param {string} tag @param {string} style @param {...(string | Node)} children */
function element(tag, style, ...children) {
  const made = document.createElement(tag);
  if (style) made.className = style;
  made.append(...children);
  return made;
}

/** @param {string} style @param {() => void} press @param {...(string | Node)} children */
function button(style, press, ...children) {
  const made = /** @type {HTMLButtonElement} */ (element("button", style, ...children));
  made.addEventListener("click", press);
  return made;
}

/** A program: its listing, console and button, which are created once for a setup. */
class Program {
  /** @param {Setup} setup @param {string} actor @param {string} key @param {() => void} step */
  constructor(setup, actor, key, step) {
    this.setup = setup;
    this.actor = actor;
    this.name = nameOf(setup, actor);
    const {program, charset} = setup.actors[actor];
    this.key = element("kbd", "", key);
    this.key.setAttribute("aria-hidden", "true");
    this.step = button("step", step);
    this.step.dataset.actor = actor;
    this.step.setAttribute("aria-keyshortcuts", key);
    this.now = element("code", "now");
    this.move = element("li", actor[0], this.step, this.now);
    this.lines = (RECORDED.listings[program] || []).map((line) =>
      ({steps: line.steps, drawn: element("span", "line", line.text || " ")}));
    this.code = element("pre", "code", ...this.lines.map(({drawn}) => drawn));
    this.code.tabIndex = 0;
    this.code.setAttribute("role", "group");
    this.code.setAttribute("aria-label", `source of ${this.name}`);
    this.slots = {handle: element("span", "slot", "handle"), view: element("span", "slot", "view")};
    this.answer = button("answer", step);
    this.state = element("span", "");
    this.section = element("section", `process ${actor[0]}`,
      element("div", "head", element("h2", "", element("span", "", this.name), " ",
        element("small", "file", `${program}.c `),
        element("small", "", program.endsWith("_process") ? charset === "ansi" ? "ANSI" : "Unicode" : "")),
      element("div", "slots", this.slots.view, this.slots.handle)),
      this.code, element("p", "console", this.state, " ", this.answer));
  }

  /** @param {Scene} scene */
  draw({marked, asking}) {
    const next = ahead(this.setup, marked.state, this.actor);
    const own = marked.taken.filter(({actor}) => actor === this.actor).map(({seen}) => seen);
    const last = own[own.length - 1];
    const {program} = this.setup.actors[this.actor];
    const does = next ? label(next)
      : last && last.end ? "has exited" : this.actor === "t" ? "nobody waits" : "waits";
    this.step.disabled = asking || !next;
    this.step.replaceChildren(this.key, element("b", "", this.name), ` ${does}`);
    const key = next && next.presses !== "OK" && next.presses || "";
    this.answer.hidden = asking || !key;
    this.answer.textContent = `Press ${key === "key" ? "a key" : key}`;
    this.state.textContent = !last ? "Not started." : last.end
      ? `${last.end[1].trim() || "No output."} Exit code ${last.end[0]}.`
      : !next ? WAITS[program] : key ? "Waits for a key."
        : next.presses ? "Waits for OK." : "Runs.";
    this.state.className = last && last.end && last.end[0] ? "bad" : "";
    const held = holdings(marked.taken, this.actor);
    for (const what of /** @type {const} */ (["handle", "view"]))
      this.slots[what].classList.toggle("held", held[what]);
    this.mark(marked, next);
  }

  /** Mark the lines that have just run and those that are next, and scroll to them.
   * @param {Walk} marked @param {?Seen} next */
  mark({taken}, next) {
    const failed = taken.some(({actor, seen}) =>
      (actor === this.actor || actor === "t" && this.actor === "r") && seen.failed);
    const latest = taken[taken.length - 1];
    const lineStep = (/** @type {?Seen} */ seen) =>
      seen ? seen.step === "exit" && failed ? "fail" : seen.step : "";
    const ran = latest && latest.actor === this.actor ? lineStep(latest.seen) : "";
    const soon = lineStep(next);
    for (const {steps, drawn} of this.lines) {
      drawn.classList.toggle("ran", steps.includes(ran) && !steps.includes(soon));
      drawn.classList.toggle("next", steps.includes(soon));
    }
    this.now.textContent = this.lines.filter(({steps}) => steps.includes(soon))
      .map(({drawn}) => (drawn.textContent || "").trim()).join("\n");
    this.scroll();
  }

  /** Scroll to the marked lines: all of them, or else the next ones. If even those do not fit, fold
   * the lines between them. */
  scroll() {
    const lines = this.lines.map(({drawn}) => drawn);
    for (const line of lines) line.classList.remove("folded");
    const next = lines.filter((line) => line.classList.contains("next"));
    const ran = lines.filter((line) => line.classList.contains("ran"));
    const last = next.length ? next : ran;
    if (this.show([...ran, ...next]) || this.show(last)) return;
    for (const [place, line] of lines.entries())
      line.classList.toggle("folded", !lines.slice(Math.max(0, place - 2), place + 3)
        .some((near) => last.includes(near)));
    this.show(last);
  }

  /** Scroll to the middle of these lines. Return whether they fit.
   * @param {HTMLElement[]} lines @returns {boolean} */
  show(lines) {
    if (!lines.length) return true;
    const top = Math.min(...lines.map((line) => line.offsetTop));
    const height = Math.max(...lines.map((line) => line.offsetTop + line.offsetHeight)) - top;
    this.code.scrollTop = top - Math.max(0, this.code.clientHeight - height) / 2;
    return height <= this.code.clientHeight;
  }
}

/** Draw the object: name, handles, views and bytes; highlight what the last step changed.
 * @param {Scene} scene @param {Seen} before */
function drawObject({setup, taken, asking}, before) {
  const {seen} = taken[taken.length - 1] || {seen: NOTHING};
  byId("object").classList.toggle("free", !asking && !seen.handles);
  byId("name").textContent = asking ? "?" : seen.handles ? setup.name : "No object has this name.";
  for (const field of /** @type {const} */ (["handles", "views"])) {
    const shown = byId(field);
    shown.textContent = asking ? "?" : seen.handles ? String(seen[field] || 0) : "–";
    shown.classList.toggle("changed", !asking && (seen[field] || 0) !== (before[field] || 0));
  }
  const bytes = seen.handles ? bytesOf((seen.bytes || "").padEnd(128, "0"))
    .concat(Array(15).fill(0)) : [];
  bytes.length -= bytes.length % 16;
  const old = bytesOf((before.handles && before.bytes || "").padEnd(160, "0"));
  byId("bytes").replaceChildren(...asking ? ["?"] : bytes.map((byte, place) => element("span",
    `byte${byte ? " set" : ""}${byte !== old[place] ? " changed" : ""}`,
    byte.toString(16).padStart(2, "0"), element("small", "", byte ? character(byte) : " "))));
  byId("said").textContent = asking ? "Choose what happens." : objectWords(setup, taken);
}

/** Draw the open message box with its real text, or none.
 * @param {Scene} scene */
function drawBox({taken, asking}) {
  const answered = taken.some(({seen}) => seen.presses === "OK");
  const open = taken.map(({seen}) => seen).find(({box}) => box !== undefined);
  byId("box").hidden = asking || !open || answered;
  if (!open) return;
  byId("box-title").textContent = open.title || "";
  byId("box-text").textContent = open.box || "";
}

/** Draw a row for each program, with a button for each step; undone steps come last, and are paler.
 * @param {Scene} scene @param {string[]} undone @param {(left: number) => void} go */
function drawLane({setup, taken, asking}, undone, go) {
  const rows = Object.keys(setup.actors).filter((actor) => actor !== "t");
  const names = rows.map((actor, row) => {
    const name = element("li", `name ${actor[0]}`, nameOf(setup, actor));
    name.style.gridRow = String(row + 1);
    return name;
  });
  const order = [...taken.map(({actor}) => actor), ...undone];
  const steps = walk(setup, order).taken.map((step, place) => {
    const {actor, seen} = step;
    const hidden = asking && place === taken.length - 1;
    const made = button(place < taken.length ? "" : "ahead", () => go(place + 1),
      hidden ? "?" : seen.step);
    if (!hidden) made.setAttribute("aria-label", `${seen.step}, step ${place + 1}: `
      + (place < taken.length ? happened(setup, step) : "taken back"));
    if (place === taken.length - 1) made.setAttribute("aria-current", "step");
    if (!hidden && place < taken.length && (seen.failed || seen.box === "")) made.classList.add("bad");
    const item = element("li", actor[0], made);
    item.style.gridRow = String(rows.indexOf(actor === "t" ? "r" : actor) + 1);
    item.style.gridColumn = String(place + 2);
    return item;
  });
  byId("lane").replaceChildren(...names, ...steps);
  const current = byId("lane").querySelector("[aria-current]");
  byId("lane").scrollLeft = current instanceof HTMLElement
    ? current.offsetLeft - byId("lane").clientWidth / 2 : 0;
}

/** Draw arrows from each handle to the object, and from each view to its bytes. Arrows that the last
 * step removed are dashed.
 * @param {Program[]} programs @param {Taken[]} taken */
function drawArrows(programs, taken) {
  const stage = byId("stage").getBoundingClientRect();
  const object = byId("object").getBoundingClientRect();
  const targets = {handle: byId("name").getBoundingClientRect(),
    view: byId("bytes").getBoundingClientRect()};
  const paths = [];
  for (const [place, program] of programs.entries()) {
    const now = holdings(taken, program.actor);
    const then = holdings(taken.slice(0, -1), program.actor);
    for (const what of /** @type {const} */ (["view", "handle"])) {
      if (!now[what] && !then[what]) continue;
      const slot = program.slots[what].getBoundingClientRect();
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("d", route(slot, targets[what], object, stage, what, place));
      path.setAttribute("class", `${program.actor[0]} ${what}${now[what] ? then[what] ? "" : " new" : " gone"}`);
      path.dataset.arrow = `${program.actor} ${what}`;
      paths.push(path);
    }
  }
  byId("arrows").replaceChildren(...paths);
}

/** Return an arrow's path: from the side of a slot next to the object, or else from below the slot.
 * @param {DOMRect} slot @param {DOMRect} target @param {DOMRect} object @param {DOMRect} stage
 * @param {"handle" | "view"} what @param {number} place @returns {string} */
function route(slot, target, object, stage, what, place) {
  const middle = (target.top + target.bottom) / 2 - stage.top + (what === "view" ? 6 * place : 0);
  const left = slot.left + slot.width / 2 < object.left + object.width / 2;
  const edge = (left ? object.left : object.right) - stage.left;
  const head = left ? "m -7 -5 l 7 5 l -7 5" : "m 7 -5 l -7 5 l 7 5";
  if (slot.right <= object.left || slot.left >= object.right) {
    const from = (left ? slot.right : slot.left) - stage.left;
    const y = (slot.top + slot.bottom) / 2 - stage.top;
    return `M ${from} ${y} C ${(from + edge) / 2} ${y} ${(from + edge) / 2} ${middle} ${edge} ${middle} ${head}`;
  }
  const x = slot.left + slot.width / 2 - stage.left;
  const bottom = slot.bottom - stage.top;
  if (what === "handle") return `M ${x} ${bottom} V ${object.top - stage.top} m -5 -7 l 5 7 l 5 -7`;
  const gutter = edge + (left ? -1 : 1) * (9 - 4 * (place % 2));
  return `M ${x} ${bottom} v ${5 + 4 * (place % 2)} H ${gutter} V ${middle} H ${edge} ${head}`;
}

/** Draw the goals as buttons in one line.
 * @param {Goal} chosen @param {Set<string>} reached @param {(goal: Goal) => void} choose */
function drawGoals(chosen, reached, choose) {
  byId("goals").replaceChildren(...GOALS.map((goal, place) => {
    const made = button(reached.has(goal.id) ? "done" : "", () => choose(goal), String(place + 1));
    made.dataset.goal = goal.id;
    made.title = goal.title;
    made.setAttribute("aria-pressed", String(goal === chosen));
    made.setAttribute("aria-label", `${place + 1}: ${goal.title}${reached.has(goal.id) ? ", reached" : ""}`);
    return element("li", "", made);
  }));
}

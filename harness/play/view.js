// Draws a state of the game. Everything that is shown is in the table.

/**
 * @param {string} tag @param {string} style @param {...(string | Node)} children
 * @returns {HTMLElement}
 */
function element(tag, style, ...children) {
  const made = document.createElement(tag);
  if (style) made.className = style;
  made.append(...children);
  return made;
}

/** A program's listing and its button, which are drawn once for a cast. */
class Program {
  /** @param {Cast} cast @param {string} actor @param {string} key @param {() => void} step */
  constructor(cast, actor, key, step) {
    this.cast = cast;
    this.actor = actor;
    const {program, charset} = cast.actors[actor];
    this.name = nameOf(cast, actor);
    const title = program === "time" ? "time" : `${this.name}: ${program}.c`;
    this.state = element("p", "state");
    this.button = document.createElement("button");
    this.button.className = "step";
    this.button.dataset.actor = actor;
    this.button.setAttribute("aria-keyshortcuts", key);
    this.button.addEventListener("click", step);
    this.key = key;
    this.lines = (RECORDED.listings[program] || []).map((line) =>
      ({steps: line.steps, drawn: element("span", "line", line.text || " ")}));
    this.code = element("pre", "code", ...this.lines.map(({drawn}) => drawn));
    this.code.tabIndex = 0;
    this.code.setAttribute("aria-label", `source of ${program}.c`);
    const heading = element("h2", "", title);
    if (program.endsWith("_process")) heading.append(element("small", "", CHARSETS[charset]));
    this.section = element("section", `program ${actor[0]}`,
      element("div", "turn", heading, this.button, this.state), ...(this.lines.length ? [this.code] : []));
  }

  /** @param {Walk} where @param {boolean} asking */
  draw(where, asking) {
    const next = ahead(this.cast, where.state, this.actor);
    const own = where.taken.filter(({actor}) => actor === this.actor).map(({seen}) => seen);
    const last = own[own.length - 1];
    const failed = where.taken.some(({actor, seen}) =>
      (actor === this.actor || actor === "t" && this.actor === "r") && seen.failed);
    const {program} = this.cast.actors[this.actor];
    this.button.disabled = asking || !next;
    const does = next ? BUTTONS[program][next.step]
      : last && last.end ? "has exited" : this.actor === "t" ? "nobody is waiting" : "is waiting";
    this.button.replaceChildren(element("kbd", "", this.key), does);
    this.button.setAttribute("aria-label", `${this.name}: ${does}`);
    this.state.textContent = this.actor === "t" ? "Only a reader that waits has a time limit."
      : !last ? "Has not begun." : last.end ? `Exited with ${last.end[0]}.` : next ? `After ${last.step}.` : "Waits for the event.";
    const step = next ? next.step === "exit" && failed ? "fail" : next.step : "";
    let first = true;
    for (const {steps, drawn} of this.lines) {
      const marked = steps.includes(step);
      drawn.classList.toggle("next", marked);
      if (marked && first) {
        first = false;
        this.code.scrollTop = drawn.offsetTop - this.code.clientHeight / 3;
      }
    }
  }
}

/** The object: name, handles, views and bytes; what the last step changed is marked.
 * @param {Seen} seen @param {Seen} before @param {string} name @param {boolean} asking */
function drawObject(seen, before, name, asking) {
  const box = byId("object");
  box.classList.toggle("free", !asking && !seen.handles);
  byId("name").textContent = asking ? "?" : seen.handles ? name : "No object has this name.";
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
  byId("said").textContent = asking ? "Choose what happens." : objectWords(seen);
}

/** The open message box, drawn with its real text, or none.
 * @param {Taken[]} taken @param {boolean} asking */
function drawBox(taken, asking) {
  const answered = taken.some(({seen}) => seen.presses === "OK");
  const open = taken.map(({seen}) => seen).find(({box}) => box !== undefined);
  const box = byId("box");
  box.hidden = asking || !open || answered;
  if (!open) return;
  byId("box-title").textContent = open.title || "";
  byId("box-text").textContent = open.box || "";
}

/** A step in the list of steps.
 * @param {Cast} cast @param {Taken} step @returns {HTMLElement} */
function logEntry(cast, step) {
  const {actor, seen} = step;
  const item = element("li", actor[0], element("b", "", nameOf(cast, actor)), " ");
  if (seen.presses) item.append(seen.presses === "OK" ? "OK is pressed. " : "A key is pressed. ");
  item.append(silent(cast, step));
  for (const call of seen.calls || []) item.append(element("code", "", call));
  const told = results(seen);
  if (told.length) item.append(element("span", seen.failed || seen.box === "" ? "bad" : "",
    told.join(" ")));
  return item;
}

/** @param {Cast} cast
 * @param {Walk} where @param {boolean} asking */
function drawLog(cast, where, asking) {
  const items = where.taken.map((step, place) => asking && place === where.taken.length - 1
    ? element("li", step.actor[0], element("b", "", nameOf(cast, step.actor)), " ?")
    : logEntry(cast, step));
  byId("log").replaceChildren(...items);
  byId("nothing").hidden = items.length > 0;
  byId("log").scrollTop = byId("log").scrollHeight;
}

/** The goals as buttons, and the chosen one with its text.
 * @param {Goal} chosen @param {Set<string>} reached @param {boolean} hinted
 * @param {(goal: Goal) => void} choose */
function drawGoals(chosen, reached, hinted, choose) {
  byId("goals").replaceChildren(...GOALS.map((goal, place) => {
    const button = document.createElement("button");
    button.textContent = `${reached.has(goal.id) ? "✓" : place + 1} ${goal.title}`;
    button.className = reached.has(goal.id) ? "done" : "";
    button.dataset.goal = goal.id;
    button.setAttribute("aria-pressed", String(goal === chosen));
    button.setAttribute("aria-label", `goal ${place + 1}: ${goal.title}`
      + (reached.has(goal.id) ? ", reached" : ""));
    button.addEventListener("click", () => choose(goal));
    return element("li", "", button);
  }));
  byId("task").textContent = chosen.task;
  byId("hint-text").textContent = hinted ? chosen.hint : "";
  byId("hint").hidden = hinted;
}

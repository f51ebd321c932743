// The game: which order is shown, and what buttons, keys and the address do to it.

const game = {
  name: "pair",
  /** @type {string[]} */
  order: [],
  /** The steps that were taken back, in their order.
   * @type {string[]} */
  undone: [],
  goal: GOALS[0],
  hinted: false,
  /** Whether the last step waits for a prediction. */
  asking: false,
  reached: loadProgress(),
  /** Complete orders of the robust pair that were tried.
   * @type {Set<string>} */
  tried: new Set(),
  /** @type {Program[]} */
  programs: []};

/** The order to replay instead of the one in the page's address: the report sets it. */
const START = document.documentElement.dataset.start;
/** @type {Seen} */
const NOTHING = {step: ""};

/** @returns {Cast} */
function cast() {
  return RECORDED.casts[game.name];
}

/** @returns {string} */
function address() {
  return `#${game.name}/${game.order.join("")}`;
}

/** Draw everything.
 * @param {string} [spoken] what a screen reader is to say */
function draw(spoken) {
  const where = walk(cast(), game.order);
  const {taken} = where;
  const last = taken.length ? taken[taken.length - 1].seen : NOTHING;
  const before = taken.length > 1 ? taken[taken.length - 2].seen : NOTHING;
  const over = !Object.keys(cast().rows[where.state]).length;
  // The marked line, too, would say what has happened.
  const marked = game.asking ? walk(cast(), game.order.slice(0, -1)) : where;
  for (const program of game.programs) program.draw(marked, game.asking);
  drawObject(last, before, game.name === "robust" ? "Local\\NamedSharedMemory.Robust.Message"
    : "Global\\MyFileMappingObject", game.asking);
  drawBox(taken, game.asking);
  drawLog(cast(), where, game.asking);
  drawGoals(game.goal, game.reached, game.hinted, choose);
  drawOrder(over);
  /** @type {HTMLButtonElement} */ (byId("undo")).disabled = !taken.length;
  /** @type {HTMLButtonElement} */ (byId("restart")).disabled = !taken.length;
  /** @type {HTMLButtonElement} */ (byId("redo")).disabled = game.asking || !game.undone.length;
  byId("question").hidden = !game.asking;
  if (spoken !== undefined) byId("live").textContent = spoken;
  if (START === undefined && location.hash !== address()) history.replaceState(null, "", address());
}

/** The order's address, and once it is complete its number and command.
 * @param {boolean} over */
function drawOrder(over) {
  const link = /** @type {HTMLAnchorElement} */ (byId("address"));
  link.href = address();
  link.textContent = game.order.join("") || "no step yet";
  const many = cast().orders.toLocaleString("en");
  byId("number").textContent = over
    ? `Order ${numberOf(cast(), game.order).toLocaleString("en")} of ${many}, complete.`
    : `One of ${many} orders, not complete.`;
  const again = over && (game.name === "pair" || game.name === "robust");
  byId("command").textContent = again ? `make interleavings ORDER=${game.order.join("")}`
    + (game.name === "robust" ? " PAIR=robust" : "") : "";
}

/** Let a program take its next step.
 * @param {string} actor */
function step(actor) {
  const where = walk(cast(), game.order);
  const seen = ahead(cast(), where.state, actor);
  if (!seen || game.asking) return;
  game.order.push(actor);
  if (game.undone.shift() !== actor) game.undone = [];
  const choices = outcomes(cast(), actor, seen.step);
  byId("verdict").textContent = "";
  if (/** @type {HTMLInputElement} */ (byId("predict")).checked && choices.length > 1)
    ask(actor, seen, choices);
  else show({actor, seen});
}

/** Hide what a step did until the learner has chosen.
 * @param {string} actor @param {Seen} seen @param {string[]} choices */
function ask(actor, seen, choices) {
  game.asking = true;
  const {program} = cast().actors[actor];
  byId("asked").textContent = `${nameOf(cast(), actor)}, ${BUTTONS[program][seen.step]}: what happens?`;
  byId("choices").replaceChildren(...choices.map((choice) => {
    const button = document.createElement("button");
    button.textContent = choice;
    button.addEventListener("click", () => {
      game.asking = false;
      byId("verdict").textContent = choice === outcome(seen) ? "✓ As you predicted."
        : `✗ You predicted: ${choice} Recorded: ${outcome(seen)}`;
      show({actor, seen});
      focusStep(actor);
    });
    return button;
  }));
  draw();
  /** @type {HTMLElement} */ (byId("choices").firstChild).focus();
}

/** Show a step that was taken, and whether it reaches the goal.
 * @param {Taken} taken */
function show(taken) {
  const walked = walk(cast(), game.order);
  if (game.name === "robust" && !Object.keys(cast().rows[walked.state]).length)
    game.tried.add(game.order.join(""));
  const {goal} = game;
  const won = game.name === goal.cast && goal.reached(walked.taken, game.tried.size);
  if (won) {
    game.reached.add(goal.id);
    saveProgress(game.reached);
    byId("won-text").textContent = goal.word.replace("{orders}", cast().orders.toLocaleString("en"));
    const following = GOALS[GOALS.indexOf(goal) + 1];
    byId("next").hidden = !following;
    byId("next").textContent = following ? `Next: ${following.title}` : "";
  }
  showWord(won);
  const {seen} = taken;
  draw([`${nameOf(cast(), taken.actor)}, ${seen.step}.`, byId("verdict").textContent || "",
    silent(cast(), taken), ...results(seen), objectWords(seen), won ? `Goal reached. ${byId("won-text").textContent}` : ""]
    .join(" "));
}

/** Show the word about a goal that was reached in the place of its task, or the task.
 * @param {boolean} won */
function showWord(won) {
  byId("won").hidden = !won;
  byId("brief").hidden = won;
  if (won) byId("won").scrollIntoView({block: "nearest"});
}

/** The button of a program keeps the focus, or the first that can be pressed gets it.
 * @param {string} actor */
function focusStep(actor) {
  const buttons = game.programs.map(({button}) => button);
  const able = buttons.filter(({disabled}) => !disabled);
  (able.find(({dataset}) => dataset.actor === actor) || able[0] || byId("restart")).focus();
}

/** Take back steps.
 * @param {number} left how many stay */
function back(left) {
  if (!game.order.length) return;
  game.undone.unshift(...game.order.splice(Math.max(0, left)));
  game.asking = false;
  showWord(false);
  byId("verdict").textContent = "";
  draw(game.order.length ? `One step back. ${objectWords(walk(cast(), game.order).taken.slice(-1)[0].seen)}`
    : "At the start.");
}

/** Take the step again that was taken back last. */
function redo() {
  if (game.undone.length) step(game.undone[0]);
}

/** Play with another cast, or from another order.
 * @param {string} name @param {string[]} order */
function play(name, order) {
  game.name = name;
  game.order = order;
  game.undone = [];
  game.asking = false;
  showWord(false);
  byId("verdict").textContent = "";
  const names = Object.keys(cast().actors);
  game.programs = names.map((actor, place) =>
    new Program(cast(), actor, String(place + 1), () => step(actor)));
  byId("stage").dataset.programs = String(names.length);
  const sections = game.programs.map(({section}) => section);
  byId("left").replaceChildren(...sections.filter((_, place) => names[place][0] === "w"));
  byId("right").replaceChildren(...sections.filter((_, place) => names[place][0] !== "w"));
  const {orders, runs} = cast();
  byId("runs").textContent = runs === orders ? `all ${orders.toLocaleString("en")} orders of these programs`
    : `${runs} of the ${orders.toLocaleString("en")} orders of these programs, which together take `
      + "every possible step from every state";
}

/** @param {Goal} goal */
function choose(goal) {
  game.goal = goal;
  game.hinted = false;
  play(goal.cast, []);
  draw(`Goal: ${goal.title}. ${goal.task}`);
}

/** Show what the address names; its cast's first open goal is the one to reach. */
function followAddress() {
  const {name, order, cut} = parseAddress(START === undefined ? location.hash : START);
  play(name, order);
  if (cut) byId("verdict").textContent = "The programs cannot take the rest of that order.";
  if (game.goal.cast !== name) {
    const fitting = GOALS.filter(({cast: other}) => other === name);
    game.goal = fitting.find(({id}) => !game.reached.has(id)) || fitting[0];
    game.hinted = false;
  }
  draw();
  if (START !== undefined) {
    byId("redo-text").textContent = "Next step";
    back(0);
  }
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const number = Number(event.key);
  if (number >= 1 && number <= game.programs.length) {
    step(game.programs[number - 1].actor);
    if (!game.asking) focusStep(game.programs[number - 1].actor);
  } else if (event.key === "u" || event.key === "Backspace") back(game.order.length - 1);
  else if (event.key === "n") redo();
  else if (event.key === "0") back(0);
  else return;
  event.preventDefault();
}

byId("undo").addEventListener("click", () => back(game.order.length - 1));
byId("redo").addEventListener("click", redo);
byId("restart").addEventListener("click", () => back(0));
byId("hint").addEventListener("click", () => {
  game.hinted = true;
  draw(`Hint: ${game.goal.hint}`);
});
byId("next").addEventListener("click", () => choose(GOALS[GOALS.indexOf(game.goal) + 1]));
byId("predict").addEventListener("change", () => {
  if (game.asking) back(game.order.length - 1);
});
document.addEventListener("keydown", onKey);
addEventListener("hashchange", followAddress);
game.goal = GOALS.find(({id}) => !game.reached.has(id)) || GOALS[0];
if (START === undefined && !location.hash) choose(game.goal);
else followAddress();


// Handles buttons, keys and addresses.

/** Let a program take its next step.
 * @param {string} actor */
function step(actor) {
  const where = walk(setup(), game.order);
  const seen = ahead(setup(), where.state, actor);
  if (!seen || game.asking) return;
  game.order.push(actor);
  if (game.undone.shift() !== actor) game.undone = [];
  const choices = outcomes(setup(), actor, seen.step);
  byId("verdict").textContent = "";
  if (/** @type {HTMLInputElement} */ (byId("predict")).checked && choices.length > 1)
    ask(actor, seen, choices);
  else show({actor, seen});
}

/** Hide the result of a step until the learner has predicted it.
 * @param {string} actor @param {Seen} seen @param {string[]} choices */
function ask(actor, seen, choices) {
  game.asking = true;
  byId("asked").textContent = `${nameOf(setup(), actor)}, ${label(seen)}: what happens?`;
  byId("choices").replaceChildren(...choices.map((choice) => button("", () => {
    game.asking = false;
    byId("verdict").textContent = choice === outcome(seen) ? "✓ As you predicted. "
      : `✗ You predicted: ${choice} Recorded: ${outcome(seen)} `;
    show({actor, seen});
    focusStep(actor);
  }, choice)));
  draw();
  /** @type {HTMLElement} */ (byId("choices").firstChild).focus();
}

/** Show the last step, and whether it reaches the goal.
 * @param {Taken} last */
function show(last) {
  const {goal} = game;
  const {taken} = walk(setup(), game.order);
  if (goal.setup === "robust" && isComplete()) {
    game.tried.add(game.order.join(""));
    save(PROGRESS.tried, game.tried);
  }
  game.won = START === undefined && goal.reached(taken, game.tried.size);
  if (game.won) {
    game.reached.add(goal.id);
    save(PROGRESS.reached, game.reached);
  }
  draw();
  byId("live").textContent = [byId("verdict").textContent, happened(setup(), last), objectWords(setup(), taken),
    game.won ? `Goal reached. ${byId("task").textContent}` : ""].join(" ");
}

/** Focus the button of a program, or the first enabled one.
 * @param {string} actor */
function focusStep(actor) {
  const able = game.programs.map((program) => program.step).filter(({disabled}) => !disabled);
  (able.find(({dataset}) => dataset.actor === actor) || able[0] || byId("restart")).focus();
}

/** Go to another moment of the order, undone steps included.
 * @param {number} length the number of steps taken at that moment */
function travel(length) {
  const whole = [...game.order, ...game.undone];
  game.order = whole.slice(0, Math.max(0, length));
  game.undone = whole.slice(game.order.length);
  game.asking = game.won = false;
  byId("verdict").textContent = "";
  const {taken} = walk(setup(), game.order);
  draw(taken.length ? `After step ${taken.length}. ${happened(setup(), taken[taken.length - 1])}`
    : "At the start.");
}

/** Start a goal with an order.
 * @param {Goal} goal @param {string[]} order */
function play(goal, order) {
  Object.assign(game, {goal, order, undone: [], hinted: false, asking: false, won: false});
  byId("verdict").textContent = "";
  const names = Object.keys(setup().actors);
  game.programs = names.map((actor, place) =>
    new Program(setup(), actor, String(place + 1), () => step(actor)));
  byId("moves").replaceChildren(...game.programs.map(({move}) => move));
  const sections = game.programs.filter(({lines}) => lines.length).map(({section}) => section);
  byId("stage").dataset.programs = String(sections.length);
  byId("left").replaceChildren(...sections.filter((_, place) => names[place][0] === "w"));
  byId("right").replaceChildren(...sections.filter((_, place) => names[place][0] !== "w"));
  const {orders: [orders], runs} = setup();
  byId("runs").textContent = runs === orders ? `all ${many(orders)} orders of these programs`
    : `${many(runs)} of the ${many(orders)} orders of these programs, which together take `
      + "every possible step from every state";
}

/** @param {Goal} goal */
function choose(goal) {
  play(goal, []);
  if (isTeaching()) game.undone = lesson(goal);
  draw(`Goal: ${goal.title}. ${byId("task").textContent}`);
}

/** Show the goal and order of an address, or else the first goal that is not reached.
 * @param {string} address */
function follow(address) {
  const {goal, order, cut} = parseAddress(address);
  play(goal || GOALS.find(({id}) => !game.reached.has(id)) || GOALS[0], order);
  if (cut) byId("verdict").textContent = "The programs cannot take the rest of that order. ";
  const {taken} = walk(setup(), order);
  game.won = START === undefined && taken.length > 0 && game.goal.reached(taken, 0);
  draw();
  if (START !== undefined) {
    byId("redo").textContent = "Next step";
    travel(0);
  }
}

function isTeaching() {
  return document.documentElement.classList.contains("teach");
}

/** Switch full screen for a classroom on or off. A key, or a presenter's button, takes the next step
 * of the order in the address, or of one that reaches the goal.
 * @param {boolean} on */
function teach(on) {
  document.documentElement.classList.toggle("teach", on);
  byId("teach").setAttribute("aria-pressed", String(on));
  if (on && !game.order.length && !game.undone.length) game.undone = lesson(game.goal);
  if (on && document.activeElement instanceof HTMLElement) document.activeElement.blur();
  if (on) document.documentElement.requestFullscreen?.().catch(() => undefined);
  else if (document.fullscreenElement) document.exitFullscreen();
  travel(on ? 0 : game.order.length);
}

/** Show the next state of a lesson, or the previous one; after the last state, the next goal.
 * @param {boolean} forward */
function turn(forward) {
  if (!forward) travel(game.order.length - 1);
  else if (game.undone.length) step(game.undone[0]);
  else choose(GOALS[(GOALS.indexOf(game.goal) + 1) % GOALS.length]);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const number = Number(event.key);
  const forward = ["ArrowRight", "PageDown", " "].includes(event.key);
  if (number >= 1 && number <= game.programs.length) {
    step(game.programs[number - 1].actor);
    if (!game.asking) focusStep(game.programs[number - 1].actor);
  } else if (isTeaching() && (forward || ["ArrowLeft", "PageUp"].includes(event.key))) turn(forward);
  else if (isTeaching() && event.key === "Escape") teach(false);
  else if (event.key === "u" || event.key === "Backspace") travel(game.order.length - 1);
  else if (event.key === "n") step(game.undone[0] || "");
  else if (event.key === "0") travel(0);
  else if (event.key === "t") teach(!isTeaching());
  else return;
  event.preventDefault();
}

/** Copy the address, which is the goal and the order. */
async function copy() {
  try {
    await navigator.clipboard.writeText(location.href);  // There is no clipboard if a page is not secure.
    byId("copied").textContent = "Copied.";
  } catch (_) {
    byId("copied").textContent = "The browser refused; copy its address line.";
  }
}

/** Redraw the parts that depend on the size of the window. */
function fit() {
  for (const program of game.programs) program.scroll();
  drawArrows(game.programs, walk(setup(), game.asking ? game.order.slice(0, -1) : game.order).taken);
}

/** @type {Record<string, () => void>} */
const BUTTON = {
  undo: () => travel(game.order.length - 1), redo: () => step(game.undone[0]), restart: () => travel(0), copy,
  next: () => choose(GOALS[GOALS.indexOf(game.goal) + 1]),
  teach: () => teach(!isTeaching()),
  ok: () => step("r"),
  hint: () => {
    game.hinted = true;
    draw(`Hint: ${game.goal.hint}`);
  }};
for (const [id, press] of Object.entries(BUTTON)) byId(id).addEventListener("click", press);
byId("predict").addEventListener("change", () => {
  if (game.asking) travel(game.order.length - 1);
});
document.addEventListener("keydown", onKey);
document.addEventListener("fullscreenchange", () => {
  if (!document.fullscreenElement && isTeaching()) teach(false);
});
addEventListener("hashchange", () => follow(location.hash));
new ResizeObserver(fit).observe(byId("stage"));
byId("recorded-orders").textContent = many(Object.values(RECORDED.setups)
  .reduce((sum, {runs}) => sum + runs, 0));
follow(START === undefined ? location.hash : START);

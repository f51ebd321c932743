// Draws the game: its goal, the order so far, and its last step.

const game = {
  goal: GOALS[0],
  /** @type {string[]} */
  order: [],
  /** The undone steps, in order.
   * @type {string[]} */
  undone: [],
  hinted: false,
  won: false,
  /** Whether the last step waits for a prediction. */
  asking: false,
  reached: load(PROGRESS.reached),
  tried: load(PROGRESS.tried),
  /** @type {Program[]} */
  programs: []};

/** The order to replay instead of the one in the page's address, set by the report. */
const START = document.documentElement.dataset.start;

function setup() {
  return RECORDED.setups[game.goal.setup];
}

function isComplete() {
  return !Object.keys(setup().rows[walk(setup(), game.order).state]).length;
}

/** @param {number} number @returns {string} */
function many(number) {
  return number.toLocaleString("en");
}

/** Draw everything.
 * @param {string} [spoken] the text for screen readers */
function draw(spoken) {
  const focused = document.activeElement;
  const list = ["goals", "lane"].find((id) => byId(id).contains(focused));
  const where = walk(setup(), game.order);
  const {taken} = where;
  // The marked lines would give the answer away.
  const marked = game.asking ? walk(setup(), game.order.slice(0, -1)) : where;
  const scene = {setup: setup(), taken, marked, asking: game.asking};
  drawGoals(game.goal, game.reached, choose);
  drawBrief();
  drawHappened(taken[taken.length - 1]);
  drawLane(scene, game.undone, travel);
  drawOrder();
  drawObject(scene, taken.length > 1 ? taken[taken.length - 2].seen : NOTHING);
  drawBox(scene);
  for (const program of game.programs) program.draw(scene);
  drawArrows(game.programs, marked.taken);
  for (const id of ["undo", "restart"]) byId(id).toggleAttribute("disabled", !taken.length);
  byId("redo").toggleAttribute("disabled", game.asking || !game.undone.length);
  if (spoken !== undefined) byId("live").textContent = spoken;
  const address = `#${game.goal.id}/${game.order.join("")}`;
  if (START === undefined && location.hash !== address) history.replaceState(null, "", address);
  keepFocus(focused, list);
}

/** Keep the focus, or move it to the same item of a redrawn list, or else to a step.
 * @param {?Element} focused @param {string | undefined} list */
function keepFocus(focused, list) {
  if (!(focused instanceof HTMLElement) || focused === document.body
    || focused.offsetParent && !focused.matches(":disabled")) return;
  const like = list && byId(list).querySelector("[aria-pressed=true], [aria-current]");
  if (like instanceof HTMLElement) like.focus();
  else focusStep("");
}

/** Draw the goal's task, or its explanation once it is reached, or the question. */
function drawBrief() {
  const {goal} = game;
  const place = GOALS.indexOf(goal);
  const following = GOALS[place + 1];
  byId("title").textContent = `${place + 1} of ${GOALS.length}: ${goal.title}`;
  byId("brief").hidden = game.asking;
  byId("question").hidden = !game.asking;
  byId("brief").classList.toggle("won", game.won);
  byId("task").textContent = (game.won ? `${score()} ${goal.word}` : goal.task)
    .replace("{orders}", many(setup().orders[0]));
  byId("tries").textContent = goal.setup !== "robust" || !game.tried.size ? ""
    : `You have tried ${game.tried.size} of ${many(setup().orders[0])} orders.`;
  byId("hint").hidden = game.hinted || game.won;
  byId("hint-text").textContent = game.hinted && !game.won ? `Hint: ${goal.hint}` : "";
  byId("copy").hidden = !game.won;
  byId("copied").textContent = "";
  byId("next").hidden = !game.won || !following;
  byId("next").textContent = following ? `Next: ${following.title}` : "";
  byId("end").hidden = !game.won || Boolean(following);
}

/** Compare the number of moves with the fewest possible. */
function score() {
  const {goal, order} = game;
  const fewest = shortest(setup(), (taken) => goal.reached(taken, 0));
  return fewest ? `✓ Reached in ${order.length} move${order.length === 1 ? "" : "s"}, fewest ${fewest.length}.`
    : "✓ Reached.";
}

/** Draw the last step in one sentence, and its calls.
 * @param {Taken | undefined} last */
function drawHappened(last) {
  const box = byId("happened");
  box.className = last && !game.asking ? last.actor[0] : "";
  box.replaceChildren(byId("verdict"), !last ? "No step yet. Press a button, or its number key."
    : game.asking ? "Predict, and then see what was recorded." : happened(setup(), last));
  if (last && !game.asking && last.seen.calls)
    box.append(element("code", "calls", last.seen.calls.join("; ")));
}

/** Draw the number of the order, and the command that runs it. */
function drawOrder() {
  const {orders: [orders], runs} = setup();
  const over = isComplete();
  byId("number").textContent = over
    ? `Order ${many(numberOf(setup(), game.order))} of ${many(orders)}.` : `One of ${many(orders)} orders.`;
  byId("command").textContent = over && runs === orders ? `make interleavings ORDER=${game.order.join("")}`
    + (game.goal.setup === "pair" ? "" : ` PAIR=${game.goal.setup}`) : "";
}

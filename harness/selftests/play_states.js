// Visits every state of a goal in the current window. Returns the number of states, and what is wrong.
const goal = GOALS.find(({id}) => id === arguments[0]);
const setup = RECORDED.setups[goal.setup];
const narrow = innerWidth < 960;
const wrong = [];
let address;

/** Check that an element is completely visible above the line `bottom`. */
function inside(what, element, bottom) {
  const {top, bottom: end, left, right, width} = element.getBoundingClientRect();
  if (!width || top < 0 || end > bottom + 1 || left < 0 || right > innerWidth + 1)
    wrong.push(`${address}: ${what}: ${Math.round(top)} to ${Math.round(end)}, not above ${Math.round(bottom)}`);
}

function look(order) {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const bar = narrow ? byId("moves").getBoundingClientRect().top : innerHeight;
  for (const id of ["happened", "lane", "object", ...byId("box").hidden ? [] : ["box", "ok"]])
    inside(id, byId(id), bar);
  for (const button of all("#brief button:not([hidden]), .tools button")) inside("a button", button, bar);
  for (const button of all("#moves button")) inside("a step", button, innerHeight);
  for (const line of all(narrow ? ".now:not(:empty)" : ".next")) inside("a marked line", line, innerHeight);
  if (!narrow) {
    for (const line of all(".next")) {
      const {top, bottom} = line.parentElement.getBoundingClientRect();
      inside("a marked line in its listing", line, bottom);
      if (line.getBoundingClientRect().top < top - 1) wrong.push(`${address}: a marked line above its listing`);
    }
    for (const key of all(".answer:not([hidden])")) inside("the key", key, innerHeight);
  }
  if (document.documentElement.scrollWidth > innerWidth) wrong.push(`${address}: wider than the window`);
  const {taken} = walk(setup, order);
  const {seen} = taken[taken.length - 1] || {seen: {}};
  for (const what of ["handle", "view"]) {
    const held = Object.keys(setup.actors).filter((actor) => holdings(taken, actor)[what]).length;
    const arrows = all(`#arrows .${what}:not(.gone)`).length;
    if (held !== (seen[`${what}s`] || 0) || arrows !== held)
      wrong.push(`${address}: ${held} ${what}s, ${arrows} arrows, recorded ${seen[`${what}s`]}`);
  }
}

follow(`#${goal.id}/`);
history.replaceState = () => undefined;  // Browsers limit how often it may be called.
const ways = new Map([[0, []]]);
for (const [state, order] of ways) {
  for (const [actor, [next]] of Object.entries(setup.rows[state]))
    if (!ways.has(next)) ways.set(next, [...order, actor]);
  address = `#${goal.id}/${order.join("")}`;
  game.order = order;
  game.won = order.length > 0 && goal.reached(walk(setup, order).taken, 0);
  draw();
  look(order);
}
return [ways.size, wrong];

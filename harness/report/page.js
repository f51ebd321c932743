// The report's filter, search and player. Without a script the page shows everything but the player.

/** @returns {HTMLElement[]} */
const claims = () => [...document.querySelectorAll("details.claim")].map((claim) =>
  /** @type {HTMLElement} */ (claim));

/** Show only claims with the chosen verdict and the search text, and groups with such claims. */
function filter() {
  const chosen = document.querySelector("input[name=verdict]:checked");
  const verdict = chosen instanceof HTMLInputElement ? chosen.value : "";
  const search = document.getElementById("search");
  const text = search instanceof HTMLInputElement ? search.value.toLowerCase() : "";
  for (const claim of claims())
    claim.hidden = (verdict !== "" && claim.dataset.verdict !== verdict)
      || !(claim.textContent || "").toLowerCase().includes(text);
  for (const group of document.querySelectorAll("section.group"))
    group.toggleAttribute("hidden", !group.querySelector("details.claim:not([hidden])"));
  const none = document.getElementById("none");
  if (none) none.hidden = claims().some(({hidden}) => !hidden);
}

/** Open the claim that the address names, in browsers that do not do so themselves. */
function unfold() {
  const named = document.getElementById(location.hash.slice(1));
  if (named instanceof HTMLDetailsElement) named.open = true;
}

/** Replay an order in an embedded docs/play.html.
 * @param {string} order */
function replay(order) {
  const player = document.getElementById("player");
  const frame = document.getElementById("frame");
  if (!player || !(frame instanceof HTMLIFrameElement)) return;
  frame.hidden = false;
  frame.srcdoc = JSON.parse(player.textContent || '""')
    .replace("<html", `<html data-start="#early/${order}"`);
  frame.scrollIntoView({block: "nearest"});
}

document.getElementById("filter")?.addEventListener("input", filter);
for (const button of document.querySelectorAll("button[data-order]"))
  if (button instanceof HTMLElement)
    button.addEventListener("click", () => replay(button.dataset.order || ""));
addEventListener("hashchange", unfold);
addEventListener("beforeprint", () => {
  for (const claim of claims()) claim.toggleAttribute("open", claim.dataset.verdict === "broken");
  for (const more of document.querySelectorAll(".finding details")) more.toggleAttribute("open", true);
});
unfold();

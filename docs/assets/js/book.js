// Runs before the theme's script: decides what a copy button copies, and hands annotations to the theme.
"use strict";

/** The program of a code block as a reader would type it: no prompts, no output, no annotation marks. */
function program(code, language) {
  let lines = code.textContent.replace(/\n$/, "").split("\n");
  if (language === "pycon") {
    let inside = false;
    lines = lines.filter((line) => {
      inside = /^>>>( |$)/.test(line) || (inside && /^\.\.\.( |$)/.test(line));
      return inside;
    });
    lines = lines.map((line) => line.slice(4));
  } else if (language === "console") {
    lines = lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2));
  }
  return lines.map((line) => line.replace(/\s*# \(\d+\)!?$/, "").trimEnd()).join("\n");
}

for (const code of document.querySelectorAll(".highlight > pre > code")) {
  const block = code.closest(".highlight");
  const language = (/language-(\S+)/.exec(block.className) || [])[1] || "";
  if (language === "output") {
    block.classList.add("no-copy");
    continue;
  }
  block.dataset.copy = program(code, language);

  // The theme looks for an annotation's text directly behind the code; on the page it follows the output.
  const output = block.nextElementSibling;
  if (output && output.matches(".language-output") && /# \(\d+\)/.test(code.textContent)) {
    const notes = output.nextElementSibling;
    if (notes && notes.tagName === "OL") block.after(notes);
  }
}

// The theme's search dialog has no name for those who hear the page.
const search = document.querySelector(".md-search");
if (search) search.setAttribute("aria-label", search.querySelector("input").placeholder);

// The theme looks when a key is let go; what is pasted, dictated or picked from an input method comes without one.
for (const happened of ["input", "compositionend"]) {
  search?.querySelector("input").addEventListener(happened, ({ target, isComposing }) => {
    if (!isComposing) target.dispatchEvent(new KeyboardEvent("keyup"));
  });
}

// The index outweighs any page and grows with the book: it is fetched once the reader turns to the search.
const { open, send } = XMLHttpRequest.prototype;
const wanted = new Promise((resolve) => {
  const asked = new URLSearchParams(location.search);
  if (!search || asked.has("q") || asked.get("h")) return resolve(); // a result marks what was looked for
  for (const turn of ["focusin", "pointerenter"]) search.addEventListener(turn, resolve, { once: true });
});
XMLHttpRequest.prototype.open = function (method, url, ...rest) {
  this.waits = String(url).endsWith("/search/search_index.json");
  return open.call(this, method, url, ...rest);
};
XMLHttpRequest.prototype.send = function (body) {
  if (this.waits) wanted.then(() => send.call(this, body));
  else send.call(this, body);
};

// Nor have its annotations' buttons, which it adds later.
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) {
      const index = node.querySelector && node.querySelector("[data-md-annotation-id]");
      if (index) index.parentElement.setAttribute("aria-label", `# (${index.dataset.mdAnnotationId})`);
    }
  }
}).observe(document.body, { childList: true, subtree: true });

// Some buttons have no name but their title, and the theme takes that away to show it as a tip.
for (const met of ["pointerover", "focus"]) {
  const keepName = ({ target }) => {
    const control = target.closest?.("button[title], a[title]");
    if (!control || control.hasAttribute("aria-label") || control.querySelector("[alt]")) return;
    if (!control.textContent.trim()) control.setAttribute("aria-label", control.title);
  };
  document.addEventListener(met, keepName, true); // before the theme hears of it
}

// A wide block is scrolled with the keyboard too.
for (const wide of document.querySelectorAll(".highlight > pre > code")) wide.tabIndex = 0;

// The other language has the same anchors: the switcher keeps the section that is being read.
for (const link of document.querySelectorAll(".book-switch")) {
  link.addEventListener("click", () => {
    link.hash = location.hash;
  });
}

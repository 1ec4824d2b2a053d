// The book's part of the theme's search worker: wode/book/search.py appends it to the worker's script and lets the
// worker call bookWords, bookQuery, bookFound and bookScore. On its own the worker cuts a Chinese query one
// character short, gives up on a run of characters that begins with an unknown one, and takes each word for a
// beginning, stop words too: `to` finds `token`.
"use strict";

const bookQuestions = new Set(
  "怎么 怎样 怎么样 怎么办 如何 什么 是什么 为什么 为何 哪些 哪个 哪里 哪种 多少 可以 能否 是否 吗 呢 请问 一个 自己".split(" "),
);
const bookStop = (word) =>
  bookQuestions.has(word) || !lunr.stopWordFilter(word) || !lunr.zh.stopWordFilter(word);

/** A compound without the marks inside of it: warm-up and warm_up are warmup. */
const bookPlain = (word) => word.replace(/[-_]/g, "");

/** What the forms of an English word have in common: load, loads, loaded, loading. */
const bookStem = (word) => word.replace(/^([a-z]{3,}?)(?:ing|ed|es|s|e)$/, "$1");

/** How much a word of the index says about a word of the query, which may be one with the word after it. */
function bookLikeness(key, word, next) {
  if (key === word) return 8;
  if (/^\p{sc=Han}/u.test(word)) {
    return (word.length > 1 ? key.includes(word) : key.startsWith(word)) ? 1 : 0;
  }
  const plain = bookPlain(key);
  if (plain === word || (next && plain.startsWith(bookStem(word + next)))) return 8;
  if (plain.startsWith(word)) return 2;
  return bookStem(plain) === bookStem(word) || key.split(/[-_]/).includes(word) ? 1 : 0;
}

/** Whether a word that a section has answers to a word of the query, which the results otherwise call missing. */
const bookFound = (key, word) => bookPlain(key).includes(bookStem(word));

/** The theme's score, which prefers a page's beginning; what has all the words goes before what has some. */
function bookScore(score, share, parent) {
  const words = parent ? share : share - 1;
  return score * (1 + share ** 2) * words ** 2;
}

/** A run of Chinese characters in the longest, so fewest, words of the index. Single characters side by side are
 * no words: they stay together, as one that the index does not have. */
function bookCut(run, index) {
  const best = [{ cost: 0, words: [] }];
  for (let end = 1; end <= run.length; end++) {
    for (let start = 0; start < end; start++) {
      const word = run.slice(start, end);
      const known = word in index || bookStop(word);
      if (!known && word.length > 1) continue;
      const cost = best[start].cost + (word.length > 1 ? 1 : known ? 2 : 3);
      if (best[end] && best[end].cost <= cost) continue;
      best[end] = { cost, words: [...best[start].words, word] };
    }
  }
  const words = [];
  let open = false;
  for (const word of best[run.length].words) {
    const single = word.length === 1 && !bookStop(word);
    if (single && open) words.push(words.pop() + word);
    else words.push(word);
    open = single;
  }
  return words;
}

/** The words of what was typed, without stop words where there are others. */
function bookWords(typed, index) {
  const words = typed
    .toLowerCase()
    .replace(/\p{sc=Han}+/gu, (run) => ` ${bookCut(run, index).join(" ")} `)
    .replace(/(\w)[-_]+(?=\w)|(?<=^|\s)-{2,}/g, "$1 ")
    .trim()
    .split(/\s+/);
  const telling = words.filter((word) => !bookStop(word));
  return (telling.length ? telling : words).join(" ");
}

/** The query to look up: for each word the index's words that are like it. Marks such as + are left alone. */
function bookQuery(query, index) {
  const clauses = query.split(" ");
  const words = clauses.map((clause) => (/^[^-+:^~*\\]+\*$/.test(clause) ? clause.slice(0, -1) : ""));
  const keys = Object.keys(index);
  const like = (word, next) =>
    keys.flatMap((key) => {
      const likeness = bookLikeness(key, word, next);
      return likeness ? [`${key.replace(/[-+:^~*\\]/g, "\\$&")}^${likeness}`] : [];
    });
  return clauses
    .flatMap((clause, i) => {
      const found = words[i] ? like(words[i], words[i + 1]) : [];
      return found.length ? found : [clause];
    })
    .join(" ");
}

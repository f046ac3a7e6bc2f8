// Of what language some words are, where nobody told (reader/labels.py, `tongue`): in a page that is not Chinese, those in
// Chinese characters have to say so (WCAG 2.2, 3.1.2).

const HAN = /\p{Script=Han}/u;

/** The `lang` of a text: the one that is known, else what its characters tell; empty where it needs none. */
export function tongueOf(text, known = "") {
  if (known) return known;
  return !document.documentElement.lang.startsWith("zh") && HAN.test(text) ? "zh" : "";
}

/** Put a text in an element, with its language. */
export function say(element, text, known = "") {
  element.textContent = text;
  const lang = tongueOf(text, known);
  if (lang) element.lang = lang;
  else element.removeAttribute("lang");
}

// The book as the room needs it: what the page says of it, and the table of its pages.

/** One page, as a row of `pages.json`: key, width and height in pixels, label, version of the picture, text layer. */
function page([key, width, height, label, version, layer], index) {
  return Object.freeze({ key, width, height, label, version, layer, position: index + 1 });
}

class Book {
  constructor(told, rows) {
    Object.assign(this, told);
    this.pages = rows.map(page);
    this.count = this.pages.length;
    this.isRightToLeft = told.direction === "rtl";
  }

  /** The page at a 1-based place; the nearest there is. */
  page(position) {
    return this.pages[Math.min(Math.max(1, Math.round(position) || 1), this.count) - 1];
  }

  /** What a page is called: its label where it has one, else its place. */
  label(position) {
    const { label } = this.page(position);
    return label || this.word("page", { position });
  }

  /** Words of the interface, with their gaps filled. */
  word(key, values = {}) {
    return (this.words[key] ?? key).replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);
  }

  /** An address of the book, with its gaps filled. */
  address(key, values = {}) {
    return this.urls[key].replace(/\{(\w+)\}/g, (gap, name) => encodeURIComponent(values[name] ?? ""));
  }

  /** The place that a number or a label means: the label itself, else the first that ends so, else the first that
   * holds it; 0 where none does. */
  find(wanted) {
    const asked = wanted.normalize("NFKC").trim();
    if (/^\d{1,6}$/.test(asked)) return this.page(Number(asked)).position;
    const plain = asked.replace(/[\s　]+/g, "");
    if (!plain) return 0;
    const labels = this.pages.map((each) => each.label.replace(/[\s　]+/g, ""));
    const same = labels.indexOf(plain);
    if (same >= 0) return 1 + same;
    const ending = labels.findIndex((label) => label.endsWith(plain));
    return 1 + (ending >= 0 ? ending : labels.findIndex((label) => label.includes(plain)));
  }
}

/** Fetch the table of pages. */
export async function loadBook(told) {
  const answer = await fetch(told.urls.pages);
  if (!answer.ok) throw new Error(`${told.urls.pages}: ${answer.status}`);
  return new Book(told, (await answer.json()).pages);
}

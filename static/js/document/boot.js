// Takes over the plain page of a born-digital PDF. Where that fails, the made picture of the page comes in its place.

const element = document.getElementById("room");

/** The picture that readers without scripts see, with the plain page's tools. */
function showPlain() {
  document.documentElement.dataset.room = "plain";
  const leaf = document.querySelector(".leaf");
  const picture = leaf?.querySelector("img[data-srcset]");
  if (!picture) return;
  picture.srcset = picture.dataset.srcset;
  picture.sizes = picture.dataset.sizes;
}

async function begin() {
  const { open, isDamaged } = await import("./open.js");
  try {
    element.room = await open(element); // for who looks into it from outside: the browser's own tools, the tests
    document.documentElement.dataset.room = "open";
  } catch (error) {
    if (!isDamaged(error)) throw error;
    console.error(error);
    const address = new URL(location.href);
    address.searchParams.set("room", "scan");
    location.replace(address.href);
  }
}

if (element) {
  begin().catch((error) => {
    console.error(error);
    showPlain();
  });
}

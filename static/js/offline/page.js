// The page that is shown without a network: the worker has written into it why, and for which item.

const main = document.querySelector("[data-offline-main]");

document.querySelector("[data-try-again]")?.addEventListener("click", () => location.reload());

/** Browsers call a device online that has any network at all: only where the library answers is it asked again. */
addEventListener("online", async () => {
  if (!main.dataset.because) return;
  const answer = await fetch("/offline", { method: "HEAD", headers: { "X-Keep-Offline": "1" }, cache: "no-store" }).catch(() => null);
  if (answer?.ok) location.reload();
});

const back = document.querySelector("[data-go-back]");
if (back && history.length > 1) {
  back.hidden = false;
  back.addEventListener("click", () => history.back());
}

// The item that was asked for stands first, marked.
const list = document.querySelector(".kept-list");
const mark = () => {
  const row = main.dataset.item && list.querySelector(`[data-item="${main.dataset.item}"]`);
  if (!row || row.classList.contains("is-asked")) return;
  row.classList.add("is-asked");
  list.prepend(row);
};
new MutationObserver(mark).observe(list, { childList: true });
mark();

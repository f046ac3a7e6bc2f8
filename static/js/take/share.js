/** Let a button open the device's own sheet for sharing, where there is one; that somebody closes it is no fault.
 *  `address` gives what is to be shared when it is pressed. */
export function offerShare(button, address) {
  if (!navigator.share) return;
  button.hidden = false;
  button.addEventListener("click", () => navigator.share({ title: button.dataset.share, url: address() }).catch(() => {}));
}

// For how long a copy may be read, by the device's clock, which its owner can set. What the server said the time was is
// remembered as the difference of the two clocks; offline the latest time ever seen is, and a clock that runs behind it has
// been set back. Pure: values in, values out.

(() => {
  const TOLERANCE_MS = 5 * 60_000; // clocks are corrected by seconds now and then

  /** The clock after the server has said what time it is: that counts, whatever was seen before. */
  const told = (serverMs, deviceMs) => ({ skew: serverMs - deviceMs, latest: serverMs });

  /** The clock after some time has passed here: it never runs back. */
  const passed = (clock, deviceMs) => ({ skew: clock?.skew ?? 0, latest: Math.max(clock?.latest ?? 0, deviceMs + (clock?.skew ?? 0)) });

  /** Whether a copy may be read: `free` (it has no end), `running`, `over`, or `clock` where the device's has been set back. */
  function standing(record, clock, deviceMs) {
    if (record.until === null) return "free";
    const now = deviceMs + (clock?.skew ?? 0);
    if (now >= record.until) return "over";
    return now < (clock?.latest ?? 0) - TOLERANCE_MS ? "clock" : "running";
  }

  self.keptLease = { told, passed, standing };
})();

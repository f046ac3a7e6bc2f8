// What is kept on this device: a record an item in IndexedDB, its bytes in a cache of its own. For pages and for the worker,
// which takes in plain scripts alone: so it exports nothing, and puts one name beside what browsers have.

(() => {
  const DATABASE = "wenyuan-offline";
  const STATIC = "wenyuan-static"; // our own scripts and styles: of the newest product, and of what kept copies were made with
  const PREFIX = "wenyuan-kept/";
  const NOBODY = "none"; // who has no account; copies of what is open to all belong to nobody

  let opened;

  function database() {
    opened ??= new Promise((resolve, reject) => {
      const asked = indexedDB.open(DATABASE, 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("kept", { keyPath: "item" });
        asked.result.createObjectStore("meta");
      };
      asked.onsuccess = () => {
        asked.result.onversionchange = () => asked.result.close();
        asked.result.onclose = () => { opened = undefined; };
        resolve(asked.result);
      };
      asked.onerror = () => {
        opened = undefined;
        reject(asked.error);
      };
    });
    return opened;
  }

  async function within(store, mode, act) {
    const transaction = (await database()).transaction(store, mode);
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const request = act(transaction.objectStore(store));
    await done;
    return request?.result;
  }

  const all = () => within("kept", "readonly", (store) => store.getAll());
  const get = (item) => within("kept", "readonly", (store) => store.get(item));
  const put = (record) => within("kept", "readwrite", (store) => store.put(record));
  const meta = (name) => within("meta", "readonly", (store) => store.get(name));
  const setMeta = (name, value) => within("meta", "readwrite", (store) => store.put(value, name));

  /** Name of the cache that holds one version of an item. */
  const cacheName = (item, version) => `${PREFIX}${item}/${version}`;

  /** Take the bytes of an item away; all versions, or all but one. */
  async function empty(item, but = null) {
    const names = (await caches.keys()).filter((name) => name.startsWith(`${PREFIX}${item}/`) && name !== but);
    await Promise.all(names.map((name) => caches.delete(name)));
  }

  /** Take an item away as if it had never been kept. */
  async function remove(item) {
    await within("kept", "readwrite", (store) => store.delete(item));
    await empty(item);
  }

  /** Take an item's bytes away, and remember that and why (`ended`, `gone`): the reader is told. */
  async function end(record, state) {
    const { item, title, person, until } = record;
    await put({ item, title, person, until, state, endedAt: Date.now() });
    await empty(item);
  }

  /** Take away what belongs to other readers than this one, and how pages call him; what is open to all stays. */
  async function leaveOnly(tag) {
    await setMeta("reader", null);
    const others = (await all()).filter(({ person }) => person !== NOBODY && person !== tag);
    for (const { item } of others) await remove(item);
    return others.length;
  }

  /** Tell the worker and other windows that something has come or gone. */
  function tell() {
    const channel = new BroadcastChannel(DATABASE);
    channel.postMessage("changed");
    channel.close();
  }

  /** Listen to that. */
  function listen(heard) {
    const channel = new BroadcastChannel(DATABASE);
    channel.addEventListener("message", heard);
    return channel;
  }

  self.keptRecords = { NOBODY, STATIC, PREFIX, all, get, put, meta, setMeta, cacheName, empty, remove, end, leaveOnly, tell, listen };
})();

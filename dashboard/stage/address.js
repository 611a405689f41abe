// @ts-check
// The address names what is on screen, in the server's words. Choosing β or any other value changes the entry of the
// history that is there; another dataset, page or step of the lesson adds one, and Back asks the server for what it shows.

const aboutOf = (link) => ["dataset", "lesson"].map((key) => new URLSearchParams(link).get(key)).join();
const isHosts = (key) => key === "embed" || key === "embed_options" || key.startsWith("__"); // needed on reload

export class Address {
  /** @param {(query: string) => void} ask */
  constructor(ask) {
    this.ask = ask;
    /** @type {{ path: string, about: string } | null} what was written last */
    this.last = null;
    this.path = null;
    this.page = null; // whose word was heard last
    this.left = null; // the page that Back has left, until the other one stands
    window.addEventListener("popstate", () => this.goBack());
  }

  goBack() {
    const stays = (this.path ?? location.pathname) === location.pathname;
    this.last = null;
    // Streamlit changes the page itself; a press sent at the same moment, for the page that goes, could call it back
    this.left = stays ? null : this.page;
    if (stays) this.ask(location.search);
  }

  // `isAsked`: the server has not answered yet what an earlier entry shows, so its word is of before.
  write(link, page, isAsked) {
    if (link === undefined) return;
    this.page = page;
    if (this.left && this.left !== page) {
      this.left = null;
      return this.ask(location.search);
    }
    if (this.left || isAsked) return;
    const hosts = [...new URLSearchParams(location.search)].filter(([key]) => isHosts(key));
    const query = [new URLSearchParams(hosts).toString(), link].filter(Boolean).join("&");
    const now = { path: location.pathname, about: aboutOf(link) };
    const isEntry = this.last?.path === now.path && this.last.about !== now.about;
    this.last = now;
    this.path = now.path;
    const url = location.pathname + (query && `?${query}`) + location.hash;
    if (url === location.pathname + location.search + location.hash) return;
    if (isEntry) history.pushState({}, "", url);
    else history.replaceState(history.state, "", url);
  }
}

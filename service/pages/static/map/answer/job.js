/** How sure an answer is: a job that asks the same question under many draws. */

import { element, find, show } from "../document/element.js";
import { number, word } from "../document/words.js";
import { body } from "../question/question.js";
import { address, ask, Problem, send } from "../requests/service.js";
import { computed } from "./answer.js";

const DRAWS = 60;
const PAUSE_MS = 900;
const ABSENT = [404, 405, 501];
const GONE = [404, 410];

export class Job {
  /** `done` is called with the layers of a job that succeeded. */
  constructor(done) {
    this.done = done;
    this.stop("sure.hint");
    find("sure-ask").addEventListener("click", () => this.ask());
    find("sure-stop").addEventListener("click", () => this.stop());
  }

  /** Watch the job no longer; it goes on, as others who asked the same may wait for it. */
  stop(key = "sure.stopped") {
    this.running = null;
    this.tell(() => [word(key)]);
  }

  async ask() {
    const job = { path: null };
    this.running = job;
    find("sure-progress").value = 0;
    this.tell(() => [word("sure.asked", { draws: number(DRAWS) })]);
    try {
      const response = await send(address("/corridors"), { method: "POST", body: body(DRAWS) });
      // By its last part: behind a proxy the service may not know its own name.
      job.path = `/jobs/${new URL(response.headers.get("Location"), location.href).pathname.split("/").pop()}`;
      await this.follow(job);
      if (this.running !== job) return;
      const drawn = computed(...await Promise.all(["corridors", "gateways", "result.json"].map((name) => ask(`${job.path}/results/${name}`))));
      if (this.running !== job) return;
      this.running = null;
      const draws = number(drawn.ensemble.draws);
      this.tell(() => [`${word("sure.done", { draws })} `, element("a", { href: address(`${job.path}/results`) }, word("sure.results"))]);
      this.done(drawn);
    } catch (error) {
      if (this.running !== job) return;
      this.running = null;
      this.tell(() => [reason(error, job)]);
    }
  }

  /** Tell how far a job is until it has succeeded, or nobody watches it. */
  async follow(job) {
    for (;;) {
      const { status, progress = 0, message, exception } = await ask(job.path);
      if (this.running !== job || status === "successful") return;
      if (status === "dismissed") throw new Problem(410, message);
      if (status === "failed") throw new Problem(500, exception?.detail ?? message, exception);
      find("sure-progress").value = progress;
      this.tell(() => [word("sure.running", { share: number(progress) })]);
      await new Promise((wake) => { setTimeout(wake, PAUSE_MS); });
    }
  }

  /** Tell something of the job; `lines` gives it in the language of the moment. */
  tell(lines) {
    this.lines = lines;
    this.say();
    const running = Boolean(this.running);
    show("sure-progress", running);
    show("sure-stop", running);
    show("sure-ask", !running);
  }

  /** Say again what was told last. */
  say() {
    find("sure-told").replaceChildren(...this.lines());
  }
}

/** Why a job gave no intervals; it has a path once the service has taken it. */
function reason(error, { path }) {
  if (!(error instanceof Problem)) return word("sure.failed", { detail: word("error.network") });
  if (!path && ABSENT.includes(error.status) && !error.reason) return word("sure.absent");
  if (path && GONE.includes(error.status)) return word("sure.gone");
  return word("sure.failed", { detail: error.reason || error.message });
}

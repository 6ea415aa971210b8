/** How sure an answer is: a job that asks the same question under many draws. */

import { computed } from "./answer.js";
import { element, find, show } from "./element.js";
import { body } from "./question.js";
import { address, ask, Problem, send } from "./service.js";
import { number, word } from "./words.js";

const DRAWS = 60;
const PAUSE_MS = 900;
const ENDED = ["successful", "failed", "dismissed"];
const ABSENT = [404, 405, 501];

export class Job {
  /** `done` is called with the layers of a job that succeeded. */
  constructor(done) {
    this.done = done;
    this.running = null;
    find("sure-ask").addEventListener("click", () => this.ask());
    find("sure-stop").addEventListener("click", () => this.stop());
  }

  /** Forget the job: the question has changed. */
  async stop(told = word("sure.stopped")) {
    const job = this.running;
    this.running = null;
    this.tell(told, { running: false });
    if (job?.url) await send(job.url, { method: "DELETE" }).catch(() => {});
  }

  async ask() {
    const job = { url: null };
    this.running = job;
    this.tell(word("sure.asked", { draws: number(DRAWS) }), { running: true });
    try {
      const response = await send(address("/corridors"), { method: "POST", body: body(DRAWS) });
      // By its path: behind a proxy the service may not know its own name.
      job.url = address(`/jobs/${new URL(response.headers.get("Location"), location.href).pathname.split("/").pop()}`);
      const ended = await this.follow(job);
      if (this.running !== job) return;
      this.running = null;
      if (ended.status !== "successful") throw new Problem(500, ended.message ?? ended.status, ended.exception);
      const path = new URL(job.url).pathname.replace(new URL(address("")).pathname.replace(/\/$/, ""), "");
      const layers = await Promise.all(["corridors", "gateways"].map((name) => ask(`${path}/results/${name}`)));
      this.tell("", { running: false });
      find("sure-told").replaceChildren(`${word("sure.done", { draws: number(DRAWS) })} `, element("a", { href: `${job.url}/results` }, word("sure.results")));
      this.done(computed(...layers));
    } catch (error) {
      if (this.running !== job) return;
      this.running = null;
      const absent = error instanceof Problem && ABSENT.includes(error.status);
      this.tell(absent ? word("sure.absent") : word("sure.failed", { detail: error.reason || error.message }), { running: false });
    }
  }

  async follow(job) {
    for (;;) {
      const status = await (await send(job.url)).json();
      if (this.running !== job || ENDED.includes(status.status)) return status;
      find("sure-progress").value = status.progress ?? 0;
      this.tell(word("sure.running", { share: number(status.progress ?? 0) }), { running: true });
      await new Promise((wake) => { setTimeout(wake, PAUSE_MS); });
    }
  }

  tell(text, { running }) {
    find("sure-told").textContent = text;
    show("sure-progress", running);
    show("sure-stop", running);
    show("sure-ask", !running);
  }
}

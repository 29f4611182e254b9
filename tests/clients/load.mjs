// Asks a server for thoughts, some clients at once, and prints what became of them as one JSON object.
//
// usage: node load.mjs URL MODEL REQUESTS CLIENTS [STEPS]
import http from "node:http";

const [url, model, requests, clients, steps = "32"] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: Number(clients) });
const body = JSON.stringify({
  model, prompt: "The capital of France is", stream: false,
  concept: { maxSteps: Number(steps), fixedLength: true, stopEntropy: 0, reader: false, answer: { maxTokens: 0 } },
});

const ask = () => new Promise(resolve => {
  const began = performance.now();
  const request = http.request(new URL("/v1/concepts/think", url), {
    method: "POST", agent, headers: { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) },
  }, response => {
    response.resume();
    response.on("end", () => resolve({ status: response.statusCode, milliseconds: performance.now() - began }));
  });
  request.on("error", error => resolve({ status: error.code, milliseconds: performance.now() - began }));
  request.end(body);
});

const answers = [];
let left = Number(requests);
const began = performance.now();
await Promise.all(Array.from({ length: Number(clients) }, async () => {
  while (left-- > 0) {
    answers.push(await ask());
  }
}));
const seconds = (performance.now() - began) / 1000;
agent.destroy();
const times = answers.map(answer => answer.milliseconds).sort((a, b) => a - b);
const statuses = {};
for (const { status } of answers) {
  statuses[status] = (statuses[status] ?? 0) + 1;
}
console.log(JSON.stringify({
  requests: answers.length, clients: Number(clients), statuses, seconds: Number(seconds.toFixed(2)),
  requestsPerSecond: Number((answers.length / seconds).toFixed(1)),
  stepsPerSecond: Math.round((statuses[200] ?? 0) * Number(steps) / seconds),
  medianMs: Number(times[times.length >> 1].toFixed(1)), p99Ms: Number(times[Math.floor(times.length * 0.99)].toFixed(1)),
}));

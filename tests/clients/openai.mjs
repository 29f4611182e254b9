// Speaks to a server with OpenAI's own client, and prints what it heard as one JSON object on standard output.
// OpenAiClientTests.cs starts the server and says what is right.
//
// usage: node openai.mjs URL MODEL
import OpenAI from "openai";

const [baseURL, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
const messages = [{ role: "user", content: "What is the capital of Egypt?" }];
const prompt = "The capital of France is";

async function gather(stream) {
  const chunks = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  return chunks;
}

// What the client throws: its class tells what it understood.
async function failing(call) {
  try {
    return { answered: await call() };
  } catch (error) {
    return {
      name: error.constructor.name, status: error.status, message: error.message, type: error.type, param: error.param, code: error.code,
      retryAfter: error.headers?.get?.("retry-after") ?? null,
    };
  }
}

const draw = { model, prompt: "The capital of", max_tokens: 12, temperature: 1.5 };
const heard = {
  models: (await gather(await client.models.list())).map(each => each.id),
  model: await client.models.retrieve(model),
  completion: await client.completions.create({ model, prompt, temperature: 0 }),
  completionStream: await gather(await client.completions.create({ model, prompt, temperature: 0, stream: true })),
  logprobs: await client.completions.create({ model, prompt, temperature: 0, max_tokens: 2, logprobs: 3 }),
  prompts: await client.completions.create({ model, prompt: [prompt, "The capital of Egypt is"], temperature: 0, max_tokens: 4 }),
  stop: await client.completions.create({ model, prompt: "The", temperature: 0, max_tokens: 30, stop: [" ("] }),
  length: await client.completions.create({ model, prompt: "The", temperature: 0, max_tokens: 2 }),
  seeds: [
    await client.completions.create({ ...draw, seed: 7 }),
    await client.completions.create({ ...draw, seed: 7 }),
    await client.completions.create({ ...draw, seed: 8, n: 4 }),
  ],
  chat: await client.chat.completions.create({ model, messages, temperature: 0 }),
  chatThought: await client.chat.completions.create({
    model, messages, temperature: 0, concept: { strategy: "soft", maxSteps: 4, stopEntropy: 0 },
  }),
  chatEffort: await client.chat.completions.create({ model, messages, temperature: 0, reasoning_effort: "minimal" }),
  chatLogprobs: await client.chat.completions.create({ model, messages, temperature: 0, logprobs: true, top_logprobs: 2 }),
  chatTurns: await client.chat.completions.create({
    model, temperature: 0, max_completion_tokens: 12,
    messages: [
      { role: "system", content: "The river is long." },
      { role: "user", content: "What is the capital of France?" },
      { role: "assistant", content: "Paris." },
      { role: "user", content: [{ type: "text", text: "What is the capital " }, { type: "text", text: "of Egypt?" }] },
    ],
  }),
  chatStream: await gather(await client.chat.completions.create({
    model, messages, temperature: 0, stream: true, stream_options: { include_usage: true },
    concept: { strategy: "soft", maxSteps: 4, stopEntropy: 0 },
  })),
  runner: await (async () => {
    const stream = client.chat.completions.stream({ model, messages, temperature: 0 });
    return { content: await stream.finalContent(), usage: (await stream.finalChatCompletion()).object };
  })(),
  errors: {
    model: await failing(() => client.chat.completions.create({ model: "gpt-9", messages })),
    oneModel: await failing(() => client.models.retrieve("gpt-9")),
    range: await failing(() => client.chat.completions.create({ model, messages, temperature: -1 })),
    type: await failing(() => client.completions.create({ model, prompt, max_tokens: "many" })),
    unknown: await failing(() => client.completions.create({ model, prompt, max_tokns: 1 })),
    concept: await failing(() => client.completions.create({ model, prompt, concept: { strategy: "softer" } })),
    tools: await failing(() => client.chat.completions.create({
      model, messages, tools: [{ type: "function", function: { name: "look", parameters: {} } }],
    })),
    noMessages: await failing(() => client.chat.completions.create({ model, messages: [] })),
    tooLong: await failing(() => client.completions.create({ model, prompt: "The capital of France is ".repeat(200) })),
    stream: await failing(() => client.completions.create({ model, prompt: "", stream: true })),
  },
};
console.log(JSON.stringify(heard, null, 1));

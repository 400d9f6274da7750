// Drives the running product with the official Node SDK and prints what it saw as one JSON object, which the C# test asserts on.
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: process.env.API_KEY, maxRetries: 0 });
const messages = [{ role: 'user', content: 'Write a haiku about GPUs' }];

const whole = await client.chat.completions.create({ model: 'auto', messages, max_tokens: 12, temperature: 0 });

const chunks = [];
const stream = await client.chat.completions.create({
  model: 'auto', messages, max_tokens: 12, temperature: 0, stream: true, stream_options: { include_usage: true },
});
for await (const chunk of stream) {
  chunks.push(chunk);
}

const aborted = await client.chat.completions.create({ model: 'auto', messages, stream: true });
let seenBeforeAbort = 0;
for await (const _ of aborted) {
  seenBeforeAbort++;
  if (seenBeforeAbort === 2) {
    aborted.controller.abort();
    break;
  }
}

const models = [];
for await (const model of client.models.list()) {
  models.push(model.id);
}

const errors = {};
const failing = {
  unknownModel: () => client.chat.completions.create({ model: 'no-such-model', messages }),
  badTemperature: () => client.chat.completions.create({ model: 'auto', messages, temperature: 9 }),
  wrongKey: () => new OpenAI({ baseURL: process.env.BASE_URL, apiKey: 'ngk_wrong', maxRetries: 0 })
    .chat.completions.create({ model: 'auto', messages }),
};
for (const [name, call] of Object.entries(failing)) {
  try {
    await call();
    errors[name] = { type: 'none' };
  } catch (error) {
    errors[name] = { type: error.constructor.name, status: error.status, code: error.code, param: error.param };
  }
}

console.log(JSON.stringify({ whole, chunks, seenBeforeAbort, models, errors }));

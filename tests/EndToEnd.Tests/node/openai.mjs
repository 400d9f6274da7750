// The official Node SDK against the running product.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { countingFetch, run, settings } from './cases.mjs';

const client = new OpenAI({ baseURL: settings.baseURL, apiKey: settings.apiKey, maxRetries: 0 });
const model = 'auto';
const messages = [{ role: 'user', content: 'Write a haiku about GPUs' }];
const short = { model, messages, max_tokens: 12, temperature: 0 };

const place = {
  type: 'object',
  properties: { city: { type: 'string', enum: ['Paris', 'Oslo'] } },
  required: ['city'],
  additionalProperties: false,
};
const temperatureTool = {
  type: 'function',
  function: { name: 'get_temperature', description: 'The temperature of a city.', parameters: place, strict: true },
};
const question = [{ role: 'user', content: 'How warm is it in Paris?' }];

const Haiku = z.object({ title: z.string(), lines: z.array(z.string()).min(1).max(3), mood: z.enum(['calm', 'wild']) });

async function failure(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  assert.fail('The call has succeeded.');
}

function textOf(chunks) {
  return chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? '').join('');
}

async function collect(stream) {
  const all = [];
  for await (const one of stream) {
    all.push(one);
  }
  return all;
}

await run({
  async 'chat: the stream is the same text as the whole answer, usage in the last chunk only'() {
    const whole = await client.chat.completions.create(short);
    const chunks = await collect(await client.chat.completions.create({ ...short, stream: true, stream_options: { include_usage: true } }));
    assert.equal(whole.object, 'chat.completion');
    assert.equal(whole.model, model);
    assert.equal(textOf(chunks), whole.choices[0].message.content);
    assert.deepEqual(chunks.at(-1).choices, []);
    assert.equal(chunks.at(-1).usage.total_tokens, whole.usage.total_tokens);
    assert.ok(chunks.slice(0, -1).every((chunk) => chunk.usage === null));
  },

  async 'chat: an abort ends the request, and its generation tells so'() {
    const stream = await client.chat.completions.create({ model, messages, stream: true, n: 4 });
    let id;
    for await (const chunk of stream) {
      id = chunk.id;
      stream.controller.abort();
    }
    let status = 'in_progress';
    for (const end = Date.now() + 5000; status === 'in_progress' && Date.now() < end;) {
      const response = await fetch(`${settings.baseURL}/generations/${id}`, { headers: { authorization: `Bearer ${settings.apiKey}` } });
      assert.equal(response.status, 200);
      ({ status } = await response.json());
    }
    // The answer is short: it may have been complete when the client left.
    assert.ok(['cancelled', 'completed'].includes(status), status);
  },

  async 'chat: n choices, seed, stop, penalties, logit_bias and logprobs are taken'() {
    const answer = await client.chat.completions.create({
      ...short, n: 2, temperature: 1, seed: 7, stop: ['zzz'], presence_penalty: 0.5, frequency_penalty: 0.5,
      logit_bias: { 5: -100 }, logprobs: true, top_logprobs: 3, user: 'someone', metadata: { a: 'b' },
    });
    assert.deepEqual(answer.choices.map((choice) => choice.index), [0, 1]);
    assert.equal(answer.choices[0].logprobs.content[0].top_logprobs.length, 3);
    const again = await client.chat.completions.create({ ...short, n: 2, temperature: 1, seed: 7, stop: ['zzz'],
      presence_penalty: 0.5, frequency_penalty: 0.5, logit_bias: { 5: -100 } });
    assert.equal(again.choices[1].message.content, answer.choices[1].message.content);
  },

  async 'tools: runTools calls the function and ends with a text'() {
    const asked = [];
    const runner = client.chat.completions.runTools({
      model, messages: question, temperature: 0, max_tokens: 120,
      tools: [{
        type: 'function',
        function: {
          name: 'get_temperature', description: 'The temperature of a city.', parameters: place, parse: JSON.parse,
          function: ({ city }) => { asked.push(city); return `It is 21 degrees in ${city}.`; },
        },
      }],
    });
    const text = await runner.finalContent();
    assert.ok(asked.length >= 1);
    assert.ok(asked.every((city) => ['Paris', 'Oslo'].includes(city)));
    assert.ok(text.length > 0);
  },

  async 'tools: a required call arrives whole and streamed, with arguments that parse'() {
    const request = { model, messages: question, temperature: 0, max_tokens: 120, tools: [temperatureTool], tool_choice: 'required' };
    const whole = await client.chat.completions.create(request);
    assert.equal(whole.choices[0].finish_reason, 'tool_calls');
    const streamed = await client.chat.completions.stream(request).finalChatCompletion();
    for (const answer of [whole, streamed]) {
      const [call] = answer.choices[0].message.tool_calls;
      assert.equal(call.type, 'function');
      assert.ok(call.id.length > 0);
      assert.equal(call.function.name, 'get_temperature');
      assert.ok(['Paris', 'Oslo'].includes(JSON.parse(call.function.arguments).city));
    }
    assert.equal(streamed.choices[0].message.tool_calls[0].function.arguments, whole.choices[0].message.tool_calls[0].function.arguments);
  },

  async 'tools: a named function is the one that is called, none means text'() {
    const other = { type: 'function', function: { name: 'get_time', parameters: { type: 'object', properties: {}, additionalProperties: false } } };
    const named = await client.chat.completions.create({
      model, messages: question, max_tokens: 120, tools: [temperatureTool, other], tool_choice: { type: 'function', function: { name: 'get_time' } },
    });
    assert.deepEqual(named.choices[0].message.tool_calls.map((call) => call.function.name), ['get_time']);
    const none = await client.chat.completions.create({ model, messages: question, max_tokens: 12, tools: [temperatureTool], tool_choice: 'none' });
    assert.equal(none.choices[0].message.tool_calls, undefined);
  },

  async 'json_schema: parse gives an object of the schema, json_object an object'() {
    const parsed = await client.chat.completions.parse({
      model, messages, temperature: 0.8, seed: 3, max_tokens: 200, response_format: zodResponseFormat(Haiku, 'haiku'),
    });
    Haiku.parse(parsed.choices[0].message.parsed);
    // An object of any shape may be longer than max_tokens: only one that has ended is whole.
    const asked = [1, 2, 3].map((seed) => client.chat.completions.create({ model, messages, seed, max_tokens: 200, response_format: { type: 'json_object' } }));
    const ended = (await Promise.all(asked)).map((answer) => answer.choices[0]).filter((choice) => choice.finish_reason === 'stop');
    assert.ok(ended.length > 0);
    assert.ok(ended.every((choice) => typeof JSON.parse(choice.message.content) === 'object'));
  },

  async 'responses: whole and streamed are the same text, events are numbered'() {
    const request = { model, input: 'Write a haiku about GPUs', max_output_tokens: 16, temperature: 0 };
    const whole = await client.responses.create(request);
    assert.ok(['completed', 'incomplete'].includes(whole.status));
    assert.ok(whole.output_text.length > 0);
    const events = await collect(await client.responses.create({ ...request, stream: true }));
    assert.deepEqual(events.map((event) => event.sequence_number), events.map((_, index) => index));
    assert.equal(events[0].type, 'response.created');
    const text = events.filter((event) => event.type === 'response.output_text.delta').map((event) => event.delta).join('');
    assert.equal(text, whole.output_text);
    assert.equal(events.at(-1).response.usage.output_tokens, whole.usage.output_tokens);
    const helper = await client.responses.stream(request).finalResponse();
    assert.equal(helper.output_text, whole.output_text);
  },

  async 'responses: a function call and its output make a conversation, a schema makes an object'() {
    const tools = [{ type: 'function', name: 'get_temperature', parameters: place, strict: true }];
    const first = await client.responses.create({ model, input: question, tools, tool_choice: 'required', max_output_tokens: 120 });
    const call = first.output.find((item) => item.type === 'function_call');
    assert.ok(['Paris', 'Oslo'].includes(JSON.parse(call.arguments).city));
    const second = await client.responses.create({
      model, max_output_tokens: 40, tools,
      input: [...question, call, { type: 'function_call_output', call_id: call.call_id, output: '21 degrees' }],
    });
    assert.ok(second.output_text.length > 0);
    const formatted = await client.responses.create({
      model, input: 'Where?', max_output_tokens: 120, text: { format: { type: 'json_schema', name: 'place', schema: place, strict: true } },
    });
    assert.ok(['Paris', 'Oslo'].includes(JSON.parse(formatted.output_text).city));
    const refused = await failure(() => client.responses.create({ model, input: 'Hi', previous_response_id: 'resp_1' }));
    assert.ok(refused instanceof OpenAI.BadRequestError);
    assert.equal(refused.param, 'previous_response_id');
  },

  async 'completions: the legacy endpoint completes and streams'() {
    const request = { model, prompt: 'The sea', max_tokens: 8, temperature: 0 };
    const whole = await client.completions.create(request);
    assert.equal(whole.object, 'text_completion');
    const chunks = await collect(await client.completions.create({ ...request, stream: true }));
    assert.equal(chunks.map((chunk) => chunk.choices[0].text).join(''), whole.choices[0].text);
  },

  async 'embeddings: base64, which the SDK asks for by default, and float are the same vectors'() {
    const input = ['the sea', 'a GPU'];
    const decoded = await client.embeddings.create({ model: 'computeshare/tiny', input });
    const floats = await client.embeddings.create({ model: 'computeshare/tiny', input, encoding_format: 'float' });
    assert.equal(decoded.data.length, 2);
    assert.deepEqual(decoded.data.map((item) => item.index), [0, 1]);
    assert.ok(decoded.data[0].embedding.length > 8);
    decoded.data.forEach((item, index) => item.embedding.forEach(
      (value, place) => assert.ok(Math.abs(value - floats.data[index].embedding[place]) < 1e-6)));
    assert.ok(decoded.usage.prompt_tokens > 0);
  },

  async 'models: auto first, one by its id with a slash'() {
    const models = await collect(client.models.list());
    assert.equal(models[0].id, 'auto');
    const tiny = await client.models.retrieve('computeshare/tiny');
    assert.equal(tiny.id, 'computeshare/tiny');
    const missing = await failure(() => client.models.retrieve('no/such:model'));
    assert.ok(missing instanceof OpenAI.NotFoundError);
    assert.equal(missing.code, 'model_not_found');
  },

  async 'models: a list of fallbacks is served by the first that is known'() {
    const answer = await client.chat.completions.create({ ...short, model: undefined, models: ['no-such-model', 'computeshare/tiny'] });
    assert.ok(answer.choices[0].message.content.length > 0);
  },

  async 'errors: each status is its exception'() {
    const keyless = (apiKey) => new OpenAI({ baseURL: settings.baseURL, apiKey, maxRetries: 0 });
    const cases = [
      [() => client.chat.completions.create({ ...short, temperature: 9 }), OpenAI.BadRequestError, null, 'temperature'],
      [() => keyless('ngk_wrong').chat.completions.create(short), OpenAI.AuthenticationError, 'invalid_api_key', null],
      [() => keyless(settings.keyOfOneModel).chat.completions.create({ ...short, model: 'another/model' }), OpenAI.PermissionDeniedError, 'model_not_allowed', 'model'],
      [() => client.chat.completions.create({ ...short, model: 'no-such-model' }), OpenAI.NotFoundError, 'model_not_found', 'model'],
    ];
    for (const [call, type, code, param] of cases) {
      const error = await failure(call);
      assert.ok(error instanceof type, `${error.constructor.name} instead of ${type.name}`);
      assert.equal(error.code, code);
      assert.equal(error.param, param);
      assert.match(error.requestID, /^req_/);
    }
  },

  async 'errors: no credit is a 402 that is not tried again'() {
    const counting = countingFetch();
    const poor = new OpenAI({ baseURL: settings.baseURL, apiKey: settings.keyWithoutCredit, maxRetries: 2, fetch: counting });
    const error = await failure(() => poor.chat.completions.create(short));
    assert.equal(error.status, 402);
    assert.equal(error.code, 'insufficient_quota');
    assert.equal(counting.calls, 1);
  },

  async 'errors: a rate limit is a 429 that succeeds after its Retry-After'() {
    const counting = countingFetch();
    const limited = new OpenAI({ baseURL: settings.baseURL, apiKey: settings.limitedKey, maxRetries: 2, fetch: counting });
    const ask = () => limited.chat.completions.create({ ...short, max_tokens: 1 });
    // Some of these find the bucket empty, wait as they are told, and then succeed.
    const answers = await Promise.all(Array.from({ length: settings.requestsPerMinute + 1 }, ask));
    assert.ok(counting.statuses.includes(429));
    assert.ok(answers.every((answer) => answer.choices.length === 1));
  },

  async 'idempotency: the same key gives the same answer, another body a 409 that is not tried again'() {
    // As a header: the SDK's own option sends none here.
    const headers = { 'Idempotency-Key': randomUUID() };
    const first = await client.chat.completions.create({ ...short, temperature: 1 }, { headers });
    // The first one's end is being recorded: until then a 409 says to try again, which the SDK does.
    const second = await client.chat.completions.create({ ...short, temperature: 1 }, { headers, maxRetries: 4 });
    assert.deepEqual(second, first);
    const counting = countingFetch();
    const retrying = new OpenAI({ baseURL: settings.baseURL, apiKey: settings.apiKey, maxRetries: 2, fetch: counting });
    const error = await failure(() => retrying.chat.completions.create({ ...short, temperature: 0.5 }, { headers }));
    assert.ok(error instanceof OpenAI.ConflictError);
    assert.equal(counting.calls, 1);
  },
});

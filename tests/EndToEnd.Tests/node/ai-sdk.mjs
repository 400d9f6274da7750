// Vercel's AI SDK with its provider for OpenAI-compatible servers: a client that shares no code with the official ones.
import assert from 'node:assert/strict';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, embed, generateText, Output, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { run, settings } from './cases.mjs';

const provider = (apiKey) => createOpenAICompatible({
  name: 'computeshare', baseURL: settings.baseURL, apiKey, includeUsage: true, supportsStructuredOutputs: true,
});
const computeshare = provider(settings.apiKey);
const model = computeshare('auto');
const prompt = 'Write a haiku about GPUs';

async function failure(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  assert.fail('The call has succeeded.');
}

await run({
  async 'text: the stream is the same text as the whole answer'() {
    const request = { model, prompt, maxOutputTokens: 12, temperature: 0 };
    const whole = await generateText(request);
    const stream = streamText(request);
    let text = '';
    for await (const part of stream.textStream) {
      text += part;
    }
    assert.equal(text, whole.text);
    assert.ok(['stop', 'length'].includes(whole.finishReason));
    assert.equal(await stream.finishReason, whole.finishReason);
    assert.equal((await stream.usage).totalTokens, whole.usage.totalTokens);
  },

  async 'tools: a loop of steps calls the tool and ends with a text'() {
    const asked = [];
    const result = await generateText({
      model, prompt: 'How warm is it in Paris?', maxOutputTokens: 120, temperature: 0, stopWhen: stepCountIs(4),
      tools: {
        get_temperature: tool({
          description: 'The temperature of a city.',
          inputSchema: z.object({ city: z.enum(['Paris', 'Oslo']) }),
          execute: async ({ city }) => { asked.push(city); return `It is 21 degrees in ${city}.`; },
        }),
      },
    });
    assert.ok(asked.length >= 1);
    assert.ok(result.text.length > 0);
    assert.ok(result.steps.length >= 2);
  },

  async 'tools: a streamed call arrives with its input'() {
    const stream = streamText({
      model, prompt: 'How warm is it in Paris?', maxOutputTokens: 120, temperature: 0, toolChoice: 'required',
      tools: { get_temperature: tool({ description: 'The temperature of a city.', inputSchema: z.object({ city: z.enum(['Paris', 'Oslo']) }) }) },
    });
    const calls = await stream.toolCalls;
    assert.ok(calls.length >= 1);
    assert.ok(['Paris', 'Oslo'].includes(calls[0].input.city));
    assert.equal(await stream.finishReason, 'tool-calls');
  },

  async 'output: an object of the schema'() {
    const schema = z.object({ title: z.string(), syllables: z.array(z.number().int()).length(3) });
    const { output } = await generateText({ model, prompt, maxOutputTokens: 200, temperature: 0, output: Output.object({ schema }) });
    schema.parse(output);
  },

  async 'embed: one vector'() {
    const { embedding, usage } = await embed({ model: computeshare.embeddingModel('computeshare/tiny'), value: 'the sea', maxRetries: 0 });
    assert.ok(embedding.length > 8);
    assert.ok(usage.tokens > 0);
  },

  async 'errors: statuses and whether to try again are understood'() {
    const unknown = await failure(() => generateText({ model: computeshare('no-such-model'), prompt, maxRetries: 0 }));
    assert.ok(APICallError.isInstance(unknown));
    assert.equal(unknown.statusCode, 404);
    assert.equal(unknown.isRetryable, false);
    assert.match(unknown.message, /no-such-model/);
    const poor = await failure(() => generateText({ model: provider(settings.keyWithoutCredit)('auto'), prompt }));
    assert.equal(poor.statusCode, 402);
  },

  async 'abort: the stream ends and no error is thrown but the abort'() {
    const controller = new AbortController();
    const stream = streamText({ model, prompt, abortSignal: controller.signal });
    let parts = 0;
    for await (const _ of stream.textStream) {
      parts++;
      controller.abort();
    }
    assert.ok(parts >= 1);
  },
});

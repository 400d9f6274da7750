// llama.cpp behind the part of OpenAI's API that the tests use. It prints "listening PORT"; ends with its parent's pipe (eng/lifeline).
//   node server.mjs MODEL.gguf [endless]     endless: texts do not end before their limit
// TOKEN_PAUSE_MS in the environment: how long to wait between two tokens.
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { getLlama } from 'node-llama-cpp';

const context = 512;
const slots = 2;
const tokenPause = Number(process.env.TOKEN_PAUSE_MS ?? 0);

const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 1, progressLogs: false, logLevel: 'error' });
const model = await llama.loadModel({ modelPath: process.argv[2] });
const sequences = [];
for (let slot = 0; slot < slots; slot++) {
  const slotContext = await model.createContext({ contextSize: context });
  sequences.push(slotContext.getSequence());
}

const endless = process.argv[3] === 'endless';
const free = [...sequences];
const running = new Set();

// The form that the model's chat template says.
function promptOf({ messages, continue_final_message: continues }) {
  const begun = continues ? messages.at(-1).content : '';
  const turns = messages.slice(0, continues ? -1 : undefined).map(({ role, content }) => `<|${role}|>\n${content}<|end|>\n`);
  return [...model.tokenize(`${turns.join('')}<|assistant|>\n`, true), ...model.tokenize(begun)];
}

async function bodyOf(request) {
  const chunks = [];
  for await (const part of request) {
    chunks.push(part);
  }

  return JSON.parse(Buffer.concat(chunks).toString());
}

function sendJson(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function refuse(response, status, type, message, more = {}) {
  sendJson(response, status, { error: { code: status, message, type, ...more } });
}

async function chat(request, response) {
  const body = await bodyOf(request);
  await generate(body, promptOf(body), delta => ({ delta }), response);
}

async function complete(request, response) {
  const body = await bodyOf(request);
  await generate(body, typeof body.prompt === 'string' ? model.tokenize(body.prompt, true) : body.prompt, ({ content }) => ({ text: content ?? '' }), response);
}

async function generate(body, prompt, show, response) {
  const room = context - prompt.length;
  if (room <= 0) {
    refuse(response, 400, 'exceed_context_size_error', `request (${prompt.length} tokens) exceeds the available context size (${context} tokens), try increasing it`, { n_prompt_tokens: prompt.length, n_ctx: context });
    return;
  }

  if (!body.stream || !(body.max_tokens > 0)) {
    refuse(response, 400, 'invalid_request_error', 'this server only streams, up to max_tokens');
    return;
  }

  const sequence = free.pop();
  if (!sequence) {
    refuse(response, 503, 'unavailable_error', 'every slot is taken');
    return;
  }

  running.add(sequence);
  try {
    await stream(sequence, prompt, Math.min(body.max_tokens, room), body, show, response);
  } finally {
    await sequence.clearHistory();
    running.delete(sequence);
    free.push(sequence);
  }
}

async function stream(sequence, prompt, most, body, show, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const chunk = (choices, more = {}) => response.write(`data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', model: body.model, choices, ...more })}\n\n`);
  const choice = (delta, reason = null) => chunk([{ index: 0, ...show(delta), finish_reason: reason }]);
  choice({ role: 'assistant', content: null });

  const tokens = [];
  let text = '';
  let reason = 'length';
  for await (const token of sequence.evaluate(prompt, { temperature: body.temperature ?? 0, yieldEogToken: true })) {
    if (response.destroyed) {
      return;
    }

    if (model.isEogToken(token) && !endless) {
      reason = 'stop';
      break;
    }

    tokens.push(token);
    if (tokenPause > 0) {
      await pause(tokenPause);
    }

    // A character split over tokens comes with its last one.
    const whole = model.detokenize(tokens);
    if (!whole.endsWith('\uFFFD') && whole.length > text.length) {
      choice({ content: whole.slice(text.length) });
      text = whole;
    }

    if (tokens.length === most) {
      break;
    }
  }

  choice({}, reason);
  chunk([], { usage: { prompt_tokens: prompt.length, completion_tokens: tokens.length, total_tokens: prompt.length + tokens.length } });
  response.end('data: [DONE]\n\n');
}

// For the tests: the likeliest tokens after some, the end's among them.
async function tokens(request, response) {
  const question = await bodyOf(request);
  const sequence = free.pop();
  const greedy = [];
  try {
    for await (const token of sequence.evaluate(question.tokens, { temperature: 0, yieldEogToken: true })) {
      greedy.push(token);
      if (greedy.length === question.most || model.isEogToken(token)) {
        break;
      }
    }
  } finally {
    await sequence.clearHistory();
    free.push(sequence);
  }

  sendJson(response, 200, greedy);
}

async function tokenize(request, response) {
  const { content, add_special: special } = await bodyOf(request);
  sendJson(response, 200, { tokens: model.tokenize(content, special) });
}

function models(response) {
  sendJson(response, 200, { object: 'list', data: [{ id: 'computeshare/tiny', object: 'model', created: 0, owned_by: 'llamacpp', meta: { n_ctx: context } }] });
}

const routes = {
  'GET /v1/models': (_, response) => models(response),
  'GET /props': (_, response) => sendJson(response, 200, { total_slots: slots, build_info: 'node-llama-cpp' }),
  // For the tests: how many generations run now.
  'GET /running': (_, response) => sendJson(response, 200, running.size),
  'POST /v1/chat/completions': chat,
  'POST /v1/completions': complete,
  'POST /tokenize': tokenize,
  'POST /tokens': tokens,
};

const server = createServer((request, response) => {
  const route = routes[`${request.method} ${request.url}`];
  Promise.resolve(route ? route(request, response) : refuse(response, 404, 'not_found_error', 'File Not Found')).catch(error => {
    console.error(error);
    response.destroy();
  });
});
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));

import type { ServerResponse } from 'node:http';
import type { UpstreamHit } from './recording-upstream.js';

type Json = Record<string, unknown>;

interface Stored {
  /** The provider key with which the object was made. Each key belongs to another organisation. */
  readonly key: string;
  readonly response: Json & { id: string; output: Json[]; status: string };
  /** The model's whole input and its output. */
  readonly context: readonly Json[];
  readonly input: readonly Json[];
  readonly events: Json[];
}

/** Ends a background response. Until then the response stays queued. */
export type Finish = (status?: 'completed' | 'failed') => void;

/**
 * Simulates OpenAI's Responses and Conversations with their state, as in the API's reference: objects are stored by
 * default, are visible to all users of a provider key, and have ids that the vendor makes. The model calls its first
 * tool once, and then says how many items it has read.
 */
export class StatefulOpenai {
  readonly responses = new Map<string, Stored>();
  readonly conversations = new Map<string, { readonly key: string; readonly items: Json[] }>();
  readonly #finishes: Finish[] = [];
  #made = 0;

  /** Ends the background responses. */
  finishAll(status?: 'completed' | 'failed'): void {
    for (const finish of this.#finishes.splice(0)) finish(status);
  }

  readonly behaviour = (hit: UpstreamHit, response: ServerResponse): void => {
    const url = new URL(hit.target, 'http://vendor');
    const key = hit.headers['authorization'] ?? '';
    const [, , collection, id = '', part] = url.pathname.split('/');
    const body = hit.body === '' ? {} : (JSON.parse(hit.body) as Json);
    if (collection === 'conversations')
      return this.#serveConversation(response, { key, id, part, method: hit.method, body });
    if (id === 'input_tokens') {
      const isKnown =
        this.responses.get(String(body['previous_response_id']))?.key === key && body['store'] === undefined;
      return answer(response, isKnown ? 200 : 404, { object: 'response.input_tokens', input_tokens: 17 });
    }
    if (id === '') return this.#create(response, key, body);
    const stored = this.responses.get(id);
    if (stored?.key !== key) return answer(response, 404, refuse(`Response with id '${id}' not found.`));
    if (hit.method === 'DELETE') {
      this.responses.delete(id);
      return answer(response, 200, { id, object: 'response.deleted', deleted: true });
    }
    if (part === 'input_items') return answer(response, 200, { object: 'list', data: stored.input, has_more: false });
    if (part === 'cancel' && stored.response.status !== 'completed') stored.response.status = 'cancelled';
    if (url.searchParams.get('stream') !== 'true') return answer(response, 200, stored.response);
    const after = Number(url.searchParams.get('starting_after') ?? -1);
    return stream(
      response,
      stored.events.filter(({ sequence_number: number }) => Number(number) > after),
    );
  };

  #serveConversation(
    response: ServerResponse,
    { key, id, part, method, body }: { key: string; id: string; part: string | undefined; method: string; body: Json },
  ): void {
    if (id === '') {
      const made = this.#name('conv');
      this.conversations.set(made, { key, items: this.#nameItems(list(body['items'])) });
      return answer(response, 200, { id: made, object: 'conversation', created_at: 1, metadata: {} });
    }
    const conversation = this.conversations.get(id);
    if (conversation?.key !== key) return answer(response, 404, refuse(`Conversation with id '${id}' not found.`));
    if (part === 'items' && method === 'POST') conversation.items.push(...this.#nameItems(list(body['items'])));
    if (part === 'items') return answer(response, 200, { object: 'list', data: conversation.items, has_more: false });
    return answer(response, 200, { id, object: 'conversation', created_at: 1, metadata: {} });
  }

  #create(response: ServerResponse, key: string, body: Json): void {
    const context = this.#readContext(key, body);
    if (typeof context === 'string') return answer(response, 404, refuse(context));
    const input = this.#nameItems(readInput(body));
    const output = this.#write(body, [...context, ...input]);
    const id = this.#name('resp');
    const isBackground = body['background'] === true;
    const conversationId = body['conversation'];
    const made = {
      id,
      object: 'response',
      created_at: 1,
      model: body['model'],
      store: body['store'] !== false,
      background: isBackground,
      metadata: body['metadata'] ?? {},
      ...(typeof conversationId === 'string' && { conversation: { id: conversationId } }),
      status: 'in_progress',
      error: null,
      incomplete_details: null,
      parallel_tool_calls: true,
      tools: [],
      tool_choice: 'auto',
      output: [] as Json[],
      usage: null as Json | null,
    };
    const stored: Stored = { key, response: made, input, context: [...context, ...input, ...output], events: [] };
    if (body['store'] !== false) this.responses.set(id, stored);
    const finish: Finish = (status = 'completed') => {
      if (made.status === 'cancelled') return;
      made.status = status;
      if (status === 'completed') made.output.push(...output);
      made.usage = status === 'failed' ? null : countUsage([...context, ...input], output);
      stored.events.push(...listEvents(made, output));
      if (typeof conversationId === 'string') this.conversations.get(conversationId)?.items.push(...input, ...output);
    };
    if (isBackground) {
      made.status = 'queued';
      this.#finishes.push(finish);
      return answer(response, 200, made);
    }
    finish();
    if (body['stream'] === true) stream(response, stored.events);
    else answer(response, 200, made);
  }

  /**
   * @returns the stored items that precede the input, or the text of the error if the previous response or an item was
   * not found
   */
  #readContext(key: string, body: Json): readonly Json[] | string {
    const { previous_response_id: previous, conversation } = body;
    const before: Json[] = [];
    if (typeof previous === 'string') {
      const stored = this.responses.get(previous);
      if (stored?.key !== key) return `Previous response with id '${previous}' not found.`;
      before.push(...stored.context);
    }
    if (typeof conversation === 'string') before.push(...(this.conversations.get(conversation)?.items ?? []));
    const items = [...this.responses.values()].flatMap((each) => (each.key === key ? each.context : []));
    for (const { type, id } of readInput(body)) {
      if (type !== 'item_reference') continue;
      const found = items.find((item) => item['id'] === id);
      if (found === undefined) return `Item with id '${String(id)}' not found.`;
      before.push(found);
    }
    return before;
  }

  #write(body: Json, read: readonly Json[]): Json[] {
    const [tool] = list(body['tools']);
    const hasResult = read.some(({ type }) => type === 'function_call_output');
    if (tool !== undefined && !hasResult) {
      const call = {
        call_id: this.#name('call'),
        name: tool['name'],
        arguments: '{"city":"Paris"}',
        status: 'completed',
      };
      return [
        { type: 'reasoning', id: this.#name('rs'), summary: [], encrypted_content: null },
        { type: 'function_call', id: this.#name('fc'), ...call },
      ];
    }
    const content = [{ type: 'output_text', text: `I have read ${read.length} items.`, annotations: [] }];
    return [{ type: 'message', id: this.#name('msg'), role: 'assistant', status: 'completed', content }];
  }

  #nameItems(items: readonly Json[]): Json[] {
    return items
      .filter(({ type }) => type !== 'item_reference')
      .map((item) => ({ ...item, id: this.#name('msg'), type: item['type'] ?? 'message' }));
  }

  #name(kind: string): string {
    return `${kind}_${String((this.#made += 1)).padStart(16, '0')}`;
  }
}

function readInput({ input }: Json): readonly Json[] {
  return typeof input === 'string' ? [{ role: 'user', content: input }] : list(input);
}

function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}

function countUsage(read: readonly Json[], written: readonly Json[]): Json {
  const count = (items: readonly Json[]) => Math.ceil(JSON.stringify(items).length / 4);
  const tokens = { input_tokens: count(read), output_tokens: count(written) };
  return {
    ...tokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: tokens.input_tokens + tokens.output_tokens,
  };
}

function listEvents(response: Json, output: readonly Json[]): Json[] {
  const events: Json[] = [
    { type: 'response.created', response: { ...response, status: 'in_progress', output: [], usage: null } },
  ];
  output.forEach((item, index) => {
    const place = { output_index: index, item_id: item['id'] };
    events.push({
      type: 'response.output_item.added',
      output_index: index,
      item: { ...item, content: [], arguments: '' },
    });
    if (item['type'] === 'function_call')
      events.push({ type: 'response.function_call_arguments.delta', ...place, delta: item['arguments'] });
    if (item['type'] === 'message')
      events.push({
        type: 'response.output_text.delta',
        ...place,
        content_index: 0,
        delta: textOf(item),
        logprobs: [],
      });
    events.push({ type: 'response.output_item.done', output_index: index, item });
  });
  events.push({ type: `response.${String(response['status'])}`, response: { ...response } });
  return events.map((event, index) => ({ ...event, sequence_number: index }));
}

function textOf({ content }: Json): unknown {
  return list(content)[0]?.['text'];
}

function refuse(message: string): Json {
  return { error: { message, type: 'invalid_request_error', param: null, code: null } };
}

function answer(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function stream(response: ServerResponse, events: readonly Json[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) response.write(`event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`);
  response.end();
}

import type { ServerResponse } from 'node:http';
import type { Hit } from './recording-upstream.js';

interface StoredFile {
  /** The provider key with which the file was stored. Each key belongs to another project. */
  readonly key: string;
  readonly file: {
    readonly id: string;
    readonly object: 'file';
    readonly bytes: number;
    readonly created_at: number;
    readonly expires_at: number;
    readonly filename: string;
    readonly purpose: string;
    readonly status: 'processed';
  };
  readonly content: Buffer;
}

/**
 * Simulates OpenAI's Files as the API's reference describes them: all users of a provider key see all of its files, the
 * list is newest first, and a page has at most 10,000 files. Other paths are answered as `others` says.
 */
export class OpenaiFiles {
  readonly files: StoredFile[] = [];
  others: Record<string, unknown> = {};
  /** The answer of the operation that counts the tokens of an input. */
  inputTokens = 0;
  #made = 0;

  /** Stores a file. A test calls this for a file that no grant made. */
  add(key: string, filename: string, content = Buffer.from('x'), purpose = 'user_data', seconds = 3_600): StoredFile {
    this.#made += 1;
    const id = `file-${String(this.#made).padStart(6, '0')}`;
    const created = 1_700_000_000 + this.#made;
    const stored: StoredFile = {
      key: `Bearer ${key}`,
      file: {
        id,
        object: 'file',
        bytes: content.length,
        created_at: created,
        expires_at: created + seconds,
        filename,
        purpose,
        status: 'processed',
      },
      content,
    };
    this.files.push(stored);
    return stored;
  }

  readonly behaviour = (hit: Hit, response: ServerResponse): void => void this.#answer(hit, response);

  async #answer(hit: Hit, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(hit.target, 'http://vendor');
    const [, , collection, id, part] = pathname.split('/');
    const key = hit.headers.authorization ?? '';
    if (id === 'input_tokens')
      return answer(response, 200, { object: 'response.input_tokens', input_tokens: this.inputTokens });
    if (collection !== 'files') return answer(response, 200, this.others);
    if (hit.method === 'POST') return answer(response, 200, (await this.#store(hit, key)).file);
    if (id === undefined) return answer(response, 200, this.#list(key, searchParams));
    const stored = this.files.find((each) => each.file.id === id && each.key === key);
    if (stored === undefined) return answer(response, 404, refuse(`No such File object: ${id}`));
    if (hit.method === 'DELETE') {
      this.files.splice(this.files.indexOf(stored), 1);
      return answer(response, 200, { id, object: 'file', deleted: true });
    }
    if (part !== 'content') return answer(response, 200, stored.file);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': stored.content.length });
    response.end(stored.content);
  }

  async #store({ body, headers }: Hit, key: string): Promise<StoredFile> {
    const form = await new Response(new Uint8Array(body), {
      headers: { 'content-type': headers['content-type'] ?? '' },
    }).formData();
    const file = form.get('file') as File;
    const content = Buffer.from(await file.arrayBuffer());
    const seconds = Number(form.get('expires_after[seconds]'));
    const purpose = form.get('purpose') as string;
    return this.add(key.slice('Bearer '.length), file.name, content, purpose, seconds);
  }

  #list(key: string, query: URLSearchParams) {
    const all = this.files.filter(
      (each) => each.key === key && each.file.purpose === (query.get('purpose') ?? each.file.purpose),
    );
    const sorted = query.get('order') === 'asc' ? all : all.toReversed();
    const start = sorted.findIndex(({ file }) => file.id === query.get('after')) + 1;
    const limit = Number(query.get('limit') ?? 10_000);
    const data = sorted.slice(start, start + limit).map(({ file }) => file);
    return { object: 'list', data, has_more: start + limit < sorted.length };
  }
}

function refuse(message: string) {
  return { error: { message, type: 'invalid_request_error', param: 'id', code: null } };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length }).end(bytes);
}

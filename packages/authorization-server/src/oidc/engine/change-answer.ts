import { isJsonObject } from '@aipassport/policy';

type Answer = Readonly<Record<string, unknown>>;

/**
 * Changes the JSON with which oidc-provider has just answered. An answer that is not a JSON object stays as it is.
 *
 * Assumption: the answers of the metadata, token, introspection and registration endpoints are objects in ctx.body.
 */
export function changeAnswer(ctx: { body?: unknown }, change: (answer: Answer) => Answer): void {
  const { body } = ctx;
  if (isJsonObject(body)) ctx.body = change(body);
}

import { loadSpecification } from '@aipassport/contracts';

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

interface Operation {
  readonly tags?: readonly string[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

const document = loadSpecification('authorization-server').document as unknown as {
  readonly paths: Readonly<Record<string, { readonly post?: Operation }>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

/** The forms of the pages, by their paths in the specification. */
export const pageForms: ReadonlyMap<string, Operation> = new Map(
  Object.entries(document.paths).flatMap(([path, { post }]) =>
    post?.tags?.includes('pages') === true ? [[path, post] as const] : [],
  ),
);

/** The fields of a form of the pages. */
export function listFields(path: string): readonly string[] {
  const schema = pageForms.get(path)?.requestBody?.content['application/x-www-form-urlencoded']?.schema;
  const name = schema?.$ref?.split('/').at(-1) ?? '';
  return Object.keys((document.components.schemas[name] ?? schema)?.properties ?? {});
}

/** Groups of models by use. `groupCapabilities` has the capabilities of each group. */
export type Group =
  | 'chat'
  | 'plainChat'
  | 'completions'
  | 'moderation'
  | 'pictures'
  | 'embeddings'
  | 'images'
  | 'audio';

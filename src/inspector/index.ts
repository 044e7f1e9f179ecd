export { hideSecrets } from './hide-secrets.ts';
export { attachInspector, type Inspector, type InspectorOptions, type UsersActor } from './inspector.ts';
export type { StreamActor } from './recorder.ts';

/** The parts of a bake, in their order. */
export const BAKE_STAGES = ['base-image', 'provision', 'stop', 'create-image', 'validate'] as const;
export type BakeStage = (typeof BAKE_STAGES)[number];

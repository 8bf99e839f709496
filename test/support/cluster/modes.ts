/** How long and how much the cluster runs. */

/** `CLUSTER=long`: many minutes. Otherwise a few seconds for each engine. */
export const isLongMode = process.env['CLUSTER'] === 'long'

/** Whether a missing engine is a failure. */
export const areEnginesRequired = process.env['ENGINES_REQUIRED'] === '1'

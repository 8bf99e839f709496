/** How long and how much the cluster runs. */

/** `CLUSTER=long`: many minutes. Otherwise a few seconds for each engine. */
export const isLongMode = process.env['CLUSTER'] === 'long'

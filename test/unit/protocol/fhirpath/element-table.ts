/** A small table of elements, of which tests know everything. */
import type { ElementTable } from '../../../../src/protocol/access/release.js'

/** A new table each time: a table is parsed once. */
export const elementTable = (): ElementTable => ({
  repeating: 'note item name given telecom contained extension',
  choice: 'value effective',
  exceptions: {
    many: 'code=Account,line',
    one: 'note=Account',
    choice: 'onset=Condition',
    unknown: 'odd=Basic,item,box tricky=Basic:item'
  },
  unknownTypes: ['New']
})

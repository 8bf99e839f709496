/** A page outside a conversation: its contents in a card with the heading. */
import { conversationBody } from './parties.js'
import { page } from '../design/shell.js'
import type { Html } from '../../host/html.js'
import type { PlainResponse } from '../../protocol/http/message.js'

/** The response with such a page. */
export const cardPage = (homePath: string, status: number, title: string, contents: Html): PlainResponse =>
  page({
    homePath,
    status,
    title,
    heading: null,
    layout: 'talk',
    body: conversationBody({ client: null, userName: null }, title, contents)
  })

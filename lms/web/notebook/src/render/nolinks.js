/* markdown-it brings a finder of bare addresses, with tables of every letter there is. Notebooks here mark their links, so this stands in for it. */
export class LinkifyIt {}

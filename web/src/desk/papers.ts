// What may be handed in as a paper.
export const paperTypes = 'application/pdf,image/jpeg,image/png'

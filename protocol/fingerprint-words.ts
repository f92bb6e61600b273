// A key's fingerprint as four plain words that a person can compare on two screens. Decides nothing; the thumbprint is what programs compare.
import { parseBase64url } from './encoding.ts'

export const FINGERPRINT_WORD_COUNT = 4

/** 256 short words, one for each byte. The order is part of the protocol: the device and the confirm page must show the same words. */
export const FINGERPRINT_WORDS: readonly string[] = `
acorn actor album amber angle ankle apple apron arrow atlas autumn badge bagel bakery bamboo banjo
barn basil basket beach beacon beaver beetle bench berry bison blanket board bonfire book bottle boulder
branch brass bread brick bridge broom brush bucket buffalo button cabin cactus camel camera candle canoe
canvas canyon carpet carrot castle cedar cello cement chalk cherry chess chimney cinema circus clay cliff
clock clover coast cobra cocoa coffee comet compass copper coral cotton cougar cradle crane crayon cricket
crown crystal cube curtain cycle daisy desert diamond dinner dolphin donkey door dragon drum duck eagle
earth easel echo eclipse elbow elm ember engine envelope falcon feather fence fern ferry fiddle field
finger flag flame flute forest fossil fountain fox frame garden garlic gate ghost ginger giraffe glacier
glove goat grape gravel guitar hammer harbor harp hat hawk hazel helmet heron hill honey horizon
hotel ice igloo iris island ivory jacket jar jasmine jewel jungle kettle key kitchen kite koala
ladder lagoon lake lamp lantern lawn leaf lemon leopard library lily lion lizard lobster lotus lunch
magnet mango maple marble market meadow melon mirror mitten monkey moon moss motor mountain mushroom napkin
needle nest nickel noodle nut oak oasis ocean olive onion orange orbit otter oven owl oyster
paddle palace panda paper parrot pasta peach pebble pelican pencil pepper piano pigeon pillow pilot pine
planet plum pocket pond pony poplar potato pumpkin puzzle quartz quilt rabbit radio raft rain raven
ribbon river robin rocket rope rose ruby saddle sail salt sand satin scarf shell shovel silver
`
  .trim()
  .split(/\s+/)

/** The words of a SHA-256 thumbprint (base64url, RFC 7638): its first four bytes, one word each. Throws for a text that is no thumbprint. */
export function buildFingerprintWords(thumbprint: string): readonly string[] {
  const bytes = parseBase64url(thumbprint)
  if (bytes?.length !== 32) throw new Error('a fingerprint is made of a SHA-256 thumbprint')
  return [...bytes.subarray(0, FINGERPRINT_WORD_COUNT)].map((byte) => FINGERPRINT_WORDS[byte] ?? '')
}

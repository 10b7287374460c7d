/// The operators between the terms of a set, applied from left to right.
enum SetOperator: UInt8 {
  case union = 0x2C  // ,
  case difference = 0x21  // !
  case intersection = 0x26  // &
  case symmetricDifference = 0x5E  // ^

  var symbol: String { String(UnicodeScalar(rawValue)) }
}

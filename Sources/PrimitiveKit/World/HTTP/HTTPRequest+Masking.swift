extension HTTPRequest {
  /// A text of the server for a record: what was sent in confidence and came back is masked.
  ///
  /// That is the query and each of its values, user and password, and what confidential headers say. Values of fewer than 6
  /// bytes are not looked for: they would be found everywhere.
  package func masking(_ text: ByteText) -> ByteText {
    var bytes = text.bytes
    for needle in needles { bytes = bytes.replacing(needle, with: Array("***".utf8)) }
    return ByteText(bytes)
  }

  /// What a record must not hold, the longest first: one may be a part of another.
  private var needles: [[UInt8]] {
    var texts = (address.query ?? "").split(separator: "&").map { $0.drop { $0 != "=" }.dropFirst() }
    if let query = address.query { texts.append(query[...]) }
    if let credentials = address.credentials {
      texts += [credentials[...]] + credentials.split(separator: ":", maxSplits: 1)
    }
    for header in headers where HTTPHeader.isConfidential(header.name) {
      guard case .text(let value) = header.value else { continue }
      // `Bearer TOKEN`: the token alone is the secret.
      texts += [value[...]] + value.split(separator: " ", maxSplits: 1).dropFirst()
    }
    return texts.map { Array($0.utf8) }.filter { $0.count >= 6 }.sorted { $0.count > $1.count }
  }
}

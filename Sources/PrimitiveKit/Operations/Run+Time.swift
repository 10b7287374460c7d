extension Run {
  /// What a clock said when this call was made first: a resumed run gets it again, a plan always `planned`.
  ///
  /// `name` numbers the calls of one step. A loop that waits by the clock must end in a plan, too, so after a thousand
  /// calls a plan reads the real clock. Throws `journal.*`.
  package func clock<Reading: Codable & Sendable>(
    _ name: String,
    planned: Reading?,
    _ read: (World) -> Reading
  ) async throws(CallFailure) -> Reading {
    let count = ordinal(of: name)
    let planned = count <= 1000 ? planned : nil
    let world = world
    return try await recorded("\(name)~\(count)") { () throws(CallFailure) in planned ?? read(world) }
  }
}

/// Names operations within a run: step, kind, target and a digest of the content.
///
/// The same text in the same step may come twice; such operations cannot be told apart, so the second is `…~2` whichever
/// came first. No other counter is part of a name, so a resumed run finds its operations in whatever order hosts answer.
struct OperationKeys {
  private var counts: [String: Int] = [:]
  /// Operations that were sent and whose end is not known: asked for again, they are the same one.
  private var open: [String: String] = [:]
  private var bases: [String: String] = [:]
  /// The same by their names without attempts: a step that is tried again asks for the operation it left in doubt.
  private var doubtful: [String: String] = [:]

  /// `open` are operations of earlier processes whose end is not known.
  init(open: some Sequence<String> = []) {
    for key in open.sorted() { doubtful[OperationKeys.withoutAttempts(key), default: key] = key }
  }

  static func base(_ operation: some Operation, text: String, step: String) -> String {
    let digest = SHA256(hashing: text.utf8).hex.prefix(12)
    let name = "\(type(of: operation).kind)@\(operation.target)#\(digest)"
    return step.isEmpty ? name : "\(step)/\(name)"
  }

  /// A key without its step and without the number of a repetition.
  static func base(_ key: String, within step: String) -> String {
    let name = step.isEmpty ? key : String(key.dropFirst(step.count + 1))
    guard let hash = name.lastIndex(of: "#"), let tilde = name[hash...].firstIndex(of: "~") else { return name }
    return String(name[..<tilde])
  }

  /// What a host calls the operation: at most 50 characters that are safe in a file name.
  static func token(run: String, key: String) -> String { "\(run)-\(SHA256(hashing: key.utf8).hex.prefix(12))" }

  /// The name of the next operation of this text.
  mutating func next(_ base: String) -> String {
    let key = upcoming(base)
    if open[base] == nil { counts[base, default: 0] += 1 }
    if let before = bases.updateValue(base, forKey: key), before != base, open[before] == key {
      open[before] = nil
      open[base] = key
    }
    return key
  }

  /// The name that `next` would answer.
  func upcoming(_ base: String) -> String {
    if let key = open[base] { return key }
    let count = counts[base, default: 0] + 1
    let key = count == 1 ? base : "\(base)~\(count)"
    return doubtful[OperationKeys.withoutAttempts(key)] ?? key
  }

  /// Forgets a name that was not used after all.
  mutating func takeBack(_ key: String) {
    guard let base = bases[key], open[base] == nil, let count = counts[base] else { return }
    if key == (count == 1 ? base : "\(base)~\(count)") { counts[base] = count - 1 }
  }

  func isOpen(_ key: String) -> Bool { bases[key].map { open[$0] == key } ?? false }

  mutating func opened(_ key: String) {
    if let base = bases[key] { open[base] = key }
    doubtful[OperationKeys.withoutAttempts(key)] = key
  }

  mutating func ended(_ key: String, isKnown: Bool) {
    guard isKnown else { return }
    let name = OperationKeys.withoutAttempts(key)
    if doubtful[name] == key { doubtful[name] = nil }
    if let base = bases[key], open[base] == key { open[base] = nil }
  }

  // The second attempt at a step is `…~2/`; what follows the last step is the operation's own.
  private static func withoutAttempts(_ key: String) -> String { key.replacing(/~[0-9]+\//, with: "/") }
}

/// Names operations within a run: step, kind, target and a digest of the content.
///
/// The same text in the same step may come twice; such operations cannot be told apart, so the second is `…~2` whichever
/// came first. No other counter is part of a name, so a resumed run finds its operations in whatever order hosts answer.
struct OperationKeys {
  private var counts: [String: Int] = [:]
  /// Operations that were sent and whose end is not known, by their base without attempts.
  ///
  /// Asked for again, also in a later attempt at their step, they are the same one.
  private var open: [String: String] = [:]
  private var bases: [String: String] = [:]
  /// Operations of earlier processes that may have happened and that no attempt has taken up yet.
  ///
  /// By their key without attempts.
  private var left: [String: String] = [:]
  /// What a later attempt asked for under a name of its own, and which operation that is.
  private var aliases: [String: String]
  /// Every key that earlier processes wrote down.
  private let known: Set<String>

  /// Knows the operations that earlier processes of the run wrote down.
  init(_ past: [String: RunReplay.Past] = [:], aliases: [String: String] = [:]) {
    known = Set(past.keys)
    self.aliases = aliases
    for (key, past) in past where past == .open || past == .happened { left[OperationKeys.lasting(key)] = key }
  }

  /// The name of an operation, and the key it is recorded under.
  struct Name: Equatable {
    let key: String
    /// What to write down so that a resumed run finds the key again; nil when the name says it.
    var alias: String?
  }

  /// The name of an operation of this text within its step.
  static func name(_ kind: String, _ target: OperationTarget, _ text: String) -> String {
    "\(kind)@\(target)#\(SHA256(hashing: text.utf8).hex.prefix(12))"
  }

  /// A key without its step and without the number of a repetition.
  static func base(_ key: String, within step: String) -> String {
    let name = step.isEmpty ? key : String(key.dropFirst(step.count + 1))
    guard let hash = name.lastIndex(of: "#"), let tilde = name[hash...].firstIndex(of: "~") else { return name }
    return String(name[..<tilde])
  }

  /// What a host calls the operation: at most 50 characters that are safe in a file name.
  static func token(run: String, key: String) -> String { "\(run)-\(SHA256(hashing: key.utf8).hex.prefix(12))" }

  /// A name without the attempts at the steps in it: `roll out~2/web1/…` is `roll out/web1/…`.
  static func lasting(_ name: String) -> String { name.replacing(#/~[0-9]+\//#, with: "/") }

  /// The name of the next operation of this text.
  mutating func next(_ base: String) -> Name {
    let key = upcoming(base)
    bases[key] = base
    if open[OperationKeys.lasting(base)] == key, key.hasPrefix(base) { return Name(key: key) }
    let name = numbered(base, counts[base, default: 0] + 1)
    counts[base, default: 0] += 1
    guard name != key, aliases[name] == nil else { return Name(key: key) }
    aliases[name] = key
    return Name(key: key, alias: name)
  }

  /// The key that `next` would answer.
  func upcoming(_ base: String) -> String {
    if let key = open[OperationKeys.lasting(base)] { return key }
    let name = numbered(base, counts[base, default: 0] + 1)
    if let key = aliases[name] { return key }
    return known.contains(name) ? name : left[OperationKeys.lasting(name)] ?? name
  }

  /// Forgets a name that was not used after all.
  mutating func takeBack(_ key: String) {
    guard let base = bases[key], open[OperationKeys.lasting(base)] == nil, let count = counts[base] else { return }
    let name = numbered(base, count)
    if key == name || aliases[name] == key { counts[base] = count - 1 }
  }

  func isOpen(_ key: String) -> Bool { bases[key].map { open[OperationKeys.lasting($0)] == key } ?? false }

  mutating func opened(_ key: String) { if let base = bases[key] { open[OperationKeys.lasting(base)] = key } }

  mutating func ended(_ key: String, isKnown: Bool) {
    guard isKnown, let base = bases[key] else { return }
    let name = OperationKeys.lasting(base)
    if open[name] == key { open[name] = nil }
    if left[OperationKeys.lasting(key)] == key { left[OperationKeys.lasting(key)] = nil }
  }

  private func numbered(_ base: String, _ count: Int) -> String { count == 1 ? base : "\(base)~\(count)" }
}

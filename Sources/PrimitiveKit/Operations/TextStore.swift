import Synchronization

/// Long texts under their SHA-256, so that a journal keeps each once.
///
/// A type whose coding finds a store in `userInfo[.textStore]` writes the hash and reads the text back from here. A text
/// stays as long as somebody holds it (`HeldTexts`), nobody has written it yet, or it is one of the last `recentBytes` bytes.
package final class TextStore: Sendable {
  private let state: Mutex<State>
  private let recentBytes: Int

  fileprivate struct State {
    var texts: [String: Reference] = [:]
    /// How many texts are looked for dead ones at the next time.
    var sweepAt = 256
    /// The last ones, the newest last.
    var recent: [SharedText] = []
    var bytes = 0
    var unsaved: [String: SharedText] = [:]
    /// Hashes of texts that the journal has, or that somebody writes now.
    var known: Set<String> = []
  }

  fileprivate struct Reference { weak var text: SharedText? }

  // What is forgotten here is only written once more than needed.
  private static let knownLimit = 4096

  /// `recentBytes` are kept although nobody holds them: the texts that operations of the same kind share.
  package init(_ texts: [String: String] = [:], recentBytes: Int = 4 << 20) {
    state = Mutex(State())
    self.recentBytes = recentBytes
    add(texts)
  }

  /// Keeps a text and answers its hash.
  package func intern(_ text: String) -> String {
    let hash = SHA256(hashing: text.utf8).hex
    state.withLock { state in
      let shared = state.shared(hash, text)
      if !state.known.contains(hash) {
        state.know(hash, limit: TextStore.knownLimit)
        state.unsaved[hash] = shared
      }
      state.remember(shared, limit: recentBytes)
    }
    return hash
  }

  /// The text of a hash; nil when it is not here.
  package func text(_ hash: String) -> String? {
    state.withLock { $0.texts[hash]?.text?.text ?? $0.unsaved[hash]?.text }
  }

  /// Adds texts that a journal already has; they stay as long as the answer is held.
  @discardableResult
  package func add(_ texts: [String: String]) -> HeldTexts {
    state.withLock { state in
      var held: [SharedText] = []
      for (hash, text) in texts {
        let shared = state.shared(hash, text)
        state.know(hash, limit: TextStore.knownLimit)
        state.remember(shared, limit: recentBytes)
        held.append(shared)
      }
      return HeldTexts(held)
    }
  }

  /// Holds those of these texts that are here, and says which are not.
  package func hold(_ hashes: Set<String>) -> (held: HeldTexts, missing: Set<String>) {
    state.withLock { state in
      var held: [SharedText] = []
      var missing: Set<String> = []
      for hash in hashes {
        if let text = state.texts[hash]?.text { held.append(text) } else { missing.insert(hash) }
      }
      return (HeldTexts(held), missing)
    }
  }

  /// Texts that no journal has yet; whoever takes them writes them.
  package func takeUnsaved() -> [String: String] {
    state.withLock { state in
      defer { state.unsaved = [:] }
      return state.unsaved.mapValues(\.text)
    }
  }

  /// The journal may have lost texts since: those of the last operations are written again.
  package func forgetKnown() {
    state.withLock { state in
      state.known = []
      for text in state.recent {
        state.known.insert(text.hash)
        state.unsaved[text.hash] = text
      }
    }
  }

  /// The bytes of the texts that are here.
  package var heldBytes: Int {
    state.withLock { state in
      state.texts.values.reduce(0) { $0 + ($1.text?.text.utf8.count ?? 0) }
    }
  }
}

extension TextStore.State {
  /// The text, once however many hold it.
  fileprivate mutating func shared(_ hash: String, _ text: String) -> SharedText {
    if let text = texts[hash]?.text { return text }
    if texts.count >= sweepAt {
      texts = texts.filter { $0.value.text != nil }
      sweepAt = max(256, texts.count * 2)
    }
    let shared = SharedText(hash: hash, text: text)
    texts[hash] = TextStore.Reference(text: shared)
    return shared
  }

  fileprivate mutating func know(_ hash: String, limit: Int) {
    if known.count >= limit { known = [] }
    known.insert(hash)
  }

  fileprivate mutating func remember(_ text: SharedText, limit: Int) {
    if recent.last === text { return }
    if let index = recent.lastIndex(where: { $0 === text }) {
      recent.remove(at: index)
    } else {
      bytes += text.text.utf8.count
    }
    recent.append(text)
    var dropped = 0
    while bytes > limit || recent.count - dropped > TextStore.recentCount, dropped < recent.count {
      bytes -= recent[dropped].text.utf8.count
      dropped += 1
    }
    recent.removeFirst(dropped)
  }
}

extension TextStore {
  // Looked through for every operation.
  fileprivate static var recentCount: Int { 64 }
}

/// Keeps texts of a `TextStore` there, as long as it is held itself.
package struct HeldTexts: Sendable, Equatable {
  let texts: [SharedText]

  /// None.
  package init() { texts = [] }

  init(_ texts: [SharedText]) { self.texts = texts }

  /// Both.
  package func joined(with other: HeldTexts) -> HeldTexts { HeldTexts(texts + other.texts) }

  // What is held does not make two values differ.
  package static func == (one: HeldTexts, other: HeldTexts) -> Bool { true }
}

/// One text, once in memory however many hold it.
final class SharedText: Sendable {
  let hash: String
  let text: String

  init(hash: String, text: String) {
    self.hash = hash
    self.text = text
  }
}

extension CodingUserInfoKey {
  /// Where a coder finds its `TextStore`.
  package static let textStore = CodingUserInfoKey(rawValue: "opsh.textStore").unsafelyUnwrapped
}

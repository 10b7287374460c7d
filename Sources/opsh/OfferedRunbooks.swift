import PrimitiveKit
import Reference
import Synchronization

/// What completion offers: the names of the domains, and the runbooks as they were when the prompt began.
final class OfferedRunbooks: CandidateSource {
  private let composition: Composition
  private let books = Mutex<[PrimitiveInfo]>([])

  init(_ composition: Composition) { self.composition = composition }

  func set(_ offers: [PrimitiveInfo]) { books.withLock { $0 = offers } }

  func candidates(for kind: Completion, startingWith typed: String) -> [String] {
    guard kind == .runbooks else {
      return composition.domains.candidates(for: kind, startingWith: typed, in: composition.surroundings)
    }
    return books.withLock { $0.map(\.name) }.filter { $0.hasPrefix(typed) }
  }

  func runbook(named name: String) -> PrimitiveInfo? { books.withLock { $0.first { $0.name == name } } }
}

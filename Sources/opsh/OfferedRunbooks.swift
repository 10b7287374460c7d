import PrimitiveKit
import Reference
import Synchronization

/// Adds the runbooks, as they were when the prompt began, to what completion offers.
final class OfferedRunbooks: CandidateSource {
  private let base: any CandidateSource
  private let books = Mutex<[PrimitiveInfo]>([])

  init(_ base: any CandidateSource) { self.base = base }

  func set(_ offers: [PrimitiveInfo]) { books.withLock { $0 = offers } }

  func candidates(for kind: Completion, startingWith typed: String) -> [String] {
    guard kind == .runbooks else { return base.candidates(for: kind, startingWith: typed) }
    return books.withLock { $0.map(\.name) }.filter { $0.hasPrefix(typed) }
  }

  func runbook(named name: String) -> PrimitiveInfo? { books.withLock { $0.first { $0.name == name } } }
}

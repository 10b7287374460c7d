import PrimitiveKit
import Testing

struct ClusterShellTests {
  @Test(
    .enabled(if: ClusterShell.isInstalled, "needs the Debian package clustershell"),
    arguments: [UInt64](1...4)
  )
  func `random sets read, fold and iterate as ClusterShell does`(seed: UInt64) async throws {
    var random = RandomSets(seed: seed)
    let sets = (0..<300).map { _ in random.next() }
    let resolver = LabResolver()
    let answers = try await ClusterShell.answers(to: sets, resolver: resolver)
    try #require(answers.count == sets.count)
    #expect(answers.count { $0 != nil } > 150)
    for (text, answer) in zip(sets, answers) {
      let set: NameSet?
      do throws(NameSetError) {
        set = try NameSet(parsing: text, resolver: resolver)
      } catch .tooLarge {
        continue  // ClusterShell has no limit.
      } catch {
        set = nil
      }
      let ours = set.map { ClusterShell.Answer(folded: $0.folded, count: $0.count, names: $0.names) }
      #expect(ours == answer, "seed \(seed): \(text)")
      // ClusterShell reads a[-5] and a-5 as two sets with the same names, and so do we.
      if let ours, let set, !ours.folded.contains("[-"), !ours.folded.contains("-5") {
        #expect(try NameSet(parsing: ours.folded) == set, "reading the folded form again: \(ours.folded)")
        #expect(NameSet(names: ours.names) == set, "collecting the names again: \(ours.folded)")
      }
    }
  }
}

extension Collection where Element: Sendable {
  /// Transforms the elements at once, at most `limit` in flight, and keeps their order.
  package func concurrentMap<Result: Sendable>(
    limit: Int,
    _ transform: @escaping @concurrent @Sendable (Element) async -> Result
  ) async -> [Result] {
    await withTaskGroup(of: (Int, Result).self) { group in
      var results = [Result?](repeating: nil, count: count)
      var pending = enumerated().makeIterator()
      for _ in 0..<Swift.max(1, limit) {
        guard let (index, element) = pending.next() else { break }
        group.addTask { (index, await transform(element)) }
      }
      while let (index, result) = await group.next() {
        results[index] = result
        if let (index, element) = pending.next() { group.addTask { (index, await transform(element)) } }
      }
      return results.compactMap { $0 }
    }
  }
}

/// Every adjustment, in the order of help: `fit`, `adjust`, `inspect` and `compare` read this list.
package let adjustmentMethods: [any AdjustmentMethod.Type] = [
  WassersteinMethod.self,
  ThresholdMethod.self,
  RejectOptionMethod.self,
  DecideMethod.self,
  RateMethod.self,
  PrefixMethod.self,
  MulticlassMethod.self,
  XOrderMethod.self,
]

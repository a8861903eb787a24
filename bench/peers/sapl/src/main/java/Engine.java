// SPDX-License-Identifier: Apache-2.0

import io.sapl.api.interpreter.Val;
import io.sapl.api.pdp.AuthorizationDecision;
import io.sapl.api.pdp.AuthorizationSubscription;
import io.sapl.interpreter.DefaultSAPLInterpreter;
import io.sapl.interpreter.combinators.PolicyDocumentCombiningAlgorithm;
import io.sapl.interpreter.functions.AnnotationFunctionContext;
import io.sapl.interpreter.pip.AnnotationAttributeContext;
import io.sapl.pdp.EmbeddedPolicyDecisionPoint;
import io.sapl.pdp.config.VariablesAndCombinatorSource;
import io.sapl.pdp.config.fixed.FixedFunctionsAndAttributesPDPConfigurationProvider;
import io.sapl.prp.Document;
import io.sapl.prp.GenericInMemoryIndexedPolicyRetrievalPointSource;
import io.sapl.prp.PrpUpdateEvent;
import io.sapl.prp.PrpUpdateEventSource;
import io.sapl.prp.index.canonical.CanonicalImmutableParsedDocumentIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import reactor.core.publisher.Flux;

/** SAPL's embedded decision point, with its canonical index in memory. */
final class Engine {
	private final EmbeddedPolicyDecisionPoint pdp;

	Engine(List<String> documents) {
		var interpreter = new DefaultSAPLInterpreter();
		List<PrpUpdateEvent.Update> updates = new ArrayList<>();
		for (String text : documents) {
			Document parsed = interpreter.parseDocument(text);
			if (parsed.isInvalid())
				throw new IllegalArgumentException(parsed.errorMessage() + "\n" + text);
			updates.add(new PrpUpdateEvent.Update(PrpUpdateEvent.Type.PUBLISH, parsed));
		}
		var event = new PrpUpdateEvent(updates);
		PrpUpdateEventSource source = new PrpUpdateEventSource() {
			@Override
			public Flux<PrpUpdateEvent> getUpdates() {
				return Flux.just(event);
			}

			@Override
			public void dispose() {
			}
		};
		var attributes = new AnnotationAttributeContext();
		var functions = new AnnotationFunctionContext();
		var index = new CanonicalImmutableParsedDocumentIndex(attributes, functions);
		var algorithm = new VariablesAndCombinatorSource() {
			@Override
			public Flux<Optional<PolicyDocumentCombiningAlgorithm>> getCombiningAlgorithm() {
				return Flux.just(Optional.of(
					PolicyDocumentCombiningAlgorithm.DENY_OVERRIDES));
			}

			@Override
			public Flux<Optional<Map<String, Val>>> getVariables() {
				return Flux.just(Optional.of(Map.of()));
			}
		};
		pdp = new EmbeddedPolicyDecisionPoint(
			new FixedFunctionsAndAttributesPDPConfigurationProvider(attributes,
				functions, algorithm, List.of(), List.of(),
				new GenericInMemoryIndexedPolicyRetrievalPointSource(index, source)));
	}

	AuthorizationDecision decide(AuthorizationSubscription asked) {
		return pdp.decide(asked).blockFirst();
	}
}

"""The service's errors: code, status and sentence.

Source: https://www.alibabacloud.com/help/en/model-studio/error-code
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_TRY_LATER: Final = "please try again later"

ERRORS: Final[Mapping[str, tuple[int, str]]] = MappingProxyType(
    {
        # busy
        "Throttling": (429, "Requests throttling triggered."),
        "Throttling.RateQuota": (429, f"Requests rate limit exceeded, {_TRY_LATER}."),
        "Throttling.BurstRate": (
            429,
            (
                "Request rate increased too quickly. To ensure system stability, please adjust your client logic "
                "to scale requests more smoothly over time."
            ),
        ),
        "limit_requests": (429, "You exceeded your current requests list."),
        "limit_burst_rate": (
            429,
            (
                "Request rate increased too quickly. To ensure system stability, please adjust your client logic "
                "to scale requests more smoothly over time."
            ),
        ),
        # busy, or a quota that is used up
        "Throttling.AllocationQuota": (429, "Allocated quota exceeded, please increase your quota limit."),
        "insufficient_quota": (429, "You exceeded your current quota, please check your plan and billing details."),
        # broken
        "RequestTimeOut": (500, f"Request timed out, {_TRY_LATER}."),
        "InternalError": (500, f"An internal error has occured, {_TRY_LATER} or contact service support."),
        "InternalError.Algo": (500, "inference internal error."),
        "InternalError.Timeout": (
            500,
            f"An internal timeout error has occured during execution, {_TRY_LATER} or contact service support.",
        ),
        "InternalError.Upload": (500, "Failed to upload result."),
        "SystemError": (500, f"An system error has occured, {_TRY_LATER}."),
        "RewriteFailed": (500, "Failed to rewrite content for prompt."),
        "ModelServingError": (
            503,
            (
                "Too many requests. Your requests are being throttled due to system capacity limits. "
                "Please try again later."
            ),
        ),
        "ModelUnavailable": (503, f"Model is unavailable, {_TRY_LATER}."),
        # the prompt
        "DataInspectionFailed": (400, "Input or output data may contain inappropriate content."),
        "data_inspection_failed": (400, "Input or output data may contain inappropriate content."),
        "IPInfringementSuspect": (400, "Input data is suspected of being involved in IP infringement."),
        # the request
        "InvalidParameter": (
            400,
            "Required parameter(s) missing or invalid, please check the request parameters.",
        ),
        "BadRequest.EmptyInput": (400, "Required input parameter missing from request."),
        "BadRequest.EmptyParameters": (400, 'Required parameter "parameters" missing from request.'),
        "BadRequest.EmptyModel": (400, 'Required parameter "model" missing from request.'),
        # the operator
        "InvalidApiKey": (401, "Invalid API-key provided."),
        "AccessDenied": (403, "Access denied."),
        "AccessDenied.Unpurchased": (
            403,
            "Access to model denied. Please make sure you are eligible for using the model.",
        ),
        "AllocationQuota.FreeTierOnly": (
            403,
            (
                "The free tier of the model has been exhausted. If you wish to continue access the model on a paid "
                'basis, please disable the "use free tier only" mode in the management console.'
            ),
        ),
        "Arrearage": (400, "Access denied, please make sure your account is in good standing."),
        "ModelNotFound": (404, "Model can not be found."),
        "PrepaidBillOverdue": (429, "The prepaid bill is overdue."),
        "PostpaidBillOverdue": (429, "The postpaid bill is overdue."),
        "CommodityNotPurchased": (429, "Commodity has not purchased yet."),
    }
)


class RefusedError(Exception):
    """The service says no: `code` with its own status, and `message` where it has something to add.

    `headers` go with the answer. An unknown `code` is a ValueError: the service would never say it.
    """

    def __init__(self, code: str, message: str | None = None, *, headers: Mapping[str, str] | None = None) -> None:
        if code not in ERRORS:
            raise ValueError(f"no error of the service: {code!r}; known are {', '.join(sorted(ERRORS))}")
        status, usual = ERRORS[code]
        super().__init__(code)
        self.code = code
        self.status = status
        self.message = usual if message is None else message
        self.headers = dict(headers or {})
